package import Items

/// Errors about keys and items, in the service's words.
extension ServiceError {
    package static let keyMismatch = validation(
        "The provided key element does not match the schema"
    )

    package static func keyMissing(_ name: Text) -> ServiceError {
        invalidParameters("Missing the key \(name) in the item")
    }

    package static func keyTypeMismatch(
        _ name: Text,
        expected: TableSchema.KeyType,
        actual: String,
    ) -> ServiceError {
        invalidParameters(
            "Type mismatch for key \(name) expected: \(expected.rawValue) "
                + "actual: \(actual)"
        )
    }

    /// A key without a byte; `kind` is `string` or `binary`.
    package static func keyEmpty(_ name: Text, kind: String) -> ServiceError {
        validation(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
                + "cannot contain an empty \(kind) value. Key: \(name)"
        )
    }

    package static let partitionKeyTooLong = invalidParameters(
        // The missing space is the service's.
        "Size of hashkey has exceeded the maximum size limit of2048 bytes"
    )

    package static let sortKeyTooLong = invalidParameters(
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    )

    static let returnsOldOnly = validation("ReturnValues can only be ALL_OLD or NONE")

    static let emptyAttributeName = validation("Empty attribute name")

    package static func keyUpdated(_ name: Text) -> ServiceError {
        invalidParameters("Cannot update attribute \(name). This attribute is part of the key")
    }

    package static let itemTooLarge = validation("Item size has exceeded the maximum allowed size")

    package static let itemToUpdateTooLarge = validation(
        "Item size to update has exceeded the maximum allowed size"
    )

    /// What attribute values are refused with, for a body that is too deep to be read at all.
    static let nestedTooDeeply = ServiceError(AttributeValueError.isTooDeep)

    package static let duplicateKeys = validation(
        "Provided list of item keys contains duplicates"
    )

    package static func invalidStartKey(_ detail: String) -> ServiceError {
        validation("The provided starting key is invalid: \(detail)")
    }

    package static let startKeyInvalid = validation("The provided starting key is invalid")

    package static let startKeyOutsideQuery = validation(
        "The provided starting key is outside query boundaries based on provided conditions"
    )

    package static let startKeyOutsidePredicate = validation(
        "The provided starting key does not match the range key predicate"
    )

    /// What the service says of a key of another partition in a query with a range of sort keys.
    package static let startKeyOfOneRow = validation(
        "The query can return at most one row and cannot be restarted"
    )

    package static func startKeyOutsideSegment(_ segment: ScanSegment) -> ServiceError {
        invalidStartKey(
            "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                + "TotalSegments: \(segment.total) Segment: \(segment.index)"
        )
    }
}
