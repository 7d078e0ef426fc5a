package import Items

/// Errors about PartiQL statements that need the table, in the service's words.
extension ServiceError {
    /// `itemBytes` is the larger of the sizes of the item that is there and the one to be inserted.
    package static func duplicateItem(itemBytes: Int = 0) -> ServiceError {
        var error = ServiceError(
            "DuplicateItemException",
            "Duplicate primary key exists in table",
        )
        error.itemBytes = itemBytes
        return error
    }

    package static let whereKeyIncomplete = validation(
        "Where clause does not contain a mandatory equality on all key attributes"
    )

    /// A write whose WHERE names two values of one key attribute.
    package static func whereKeyTwice(_ name: Text) -> ServiceError {
        validation(
            "Multiple conditions on same key \(name). "
                + "Only single item Update/Insert/Delete are supported"
        )
    }

    /// A read whose WHERE compares a key attribute with a value of another type.
    package static func whereKeyTypeMismatch(_ name: Text) -> ServiceError {
        validation(
            "Key attribute's data type should match its data type in table's schema: Key \(name)"
        )
    }

    package static let whereOverlaps = validation(
        "Overlapping conditions with range keys are not supported in where clause"
    )

    package static let whereTooManyReads = validation(
        "Too many decomposed read operations for a given query."
    )

    package static func orderByOther(_ path: String) -> ServiceError {
        validation("Attribute \(path) in ORDER BY clause must be part of the primary key")
    }

    package static let orderByWithoutKey = validation(
        "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY "
            + "clause."
    )

    package static let orderByWithoutHashKey = validation(
        "Must have hash key in ORDER BY clause when more than one hash key condition specified in "
            + "WHERE clause."
    )

    package static let statementTableName = validation(
        "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', "
            + "'_', '.'."
    )

    /// PartiQL says this without the index's name, unlike queries and scans.
    package static let statementIndexNotFound = validation(
        "The table does not have the specified index"
    )

    package static let statementIndexOfManyAttributes = validation(
        "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or "
            + "multi-attribute RANGE keys."
    )

    package static let statementConsistentReadOfGlobalIndex = validation(
        "Strongly consistent read is not supported on Global Secondary Indexes"
    )

    /// Of an index of either kind, unlike what a projection is told.
    package static func filterNotProjected(_ names: [Text], by index: String) -> ServiceError {
        let list = HashOrder.ordered(names.map(\.string), places: HashOrder.usualPlaces)
        return invalidParameters(
            "Secondary index \(index) does not project one or more filter attributes: "
                + "[\(list.joined(separator: ", "))]"
        )
    }

    package static let existsOutsideTransaction = validation(
        "EXISTS can only be used in ExecuteTransaction write requests."
    )

    package static let existsWithoutCondition = validation(
        "EXISTS() must contain a single item read with additional condition"
    )

    package static let nextTokenInvalid = validation("Invalid NextToken")
    package static let nextTokenMismatch = validation("NextToken does not match request")

    package static let readsAndWritesInTransaction = validation(
        "ExecuteTransaction API does not support both read and write operations in the same request."
    )

    package static let readsAndWritesInBatch = validation(
        "Read and write requests together in the same batch is not supported."
    )

    package static func selectWithoutKey(in operation: OperationName) -> ServiceError {
        validation(
            "Select statements within \(operation.rawValue) must specify the primary key in the "
                + "where clause."
        )
    }

    package static let returningInTransaction = validation(
        "RETURNING clause is not supported in ExecuteTransaction."
    )

    package static let indexReadInTransaction = validation(
        "Reads on indices are not supported within transactions."
    )

    package static let indexInTransaction = validation(
        "Operations on indices are not supported in transactions"
    )

    /// What is wrong with one statement of a transaction, before there is a transaction.
    package func inTransactStatement(_ index: Int) -> ServiceError {
        .validation("Validation failed in TransactStatements[\(index)]: \(message)")
    }
}
