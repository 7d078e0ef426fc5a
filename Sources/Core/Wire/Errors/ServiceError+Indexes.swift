package import Items

/// Errors about secondary indexes, in the service's words.
extension ServiceError {
    package static func indexNotFound(_ name: String) -> ServiceError {
        validation("The table does not have the specified index: \(name)")
    }

    package static func indexBackfilling(_ name: String) -> ServiceError {
        validation("Cannot read from backfilling global secondary index: \(name)")
    }

    package static let consistentReadOfGlobalIndex = validation(
        "Consistent reads are not supported on global secondary indexes"
    )

    package static func indexWithoutAllAttributes(_ name: String) -> ServiceError {
        invalidParameters(
            "Select type ALL_ATTRIBUTES is not supported for global secondary index \(name) "
                + "because its projection type is not ALL"
        )
    }

    package static func notProjected(_ attributes: [Text], by name: String) -> ServiceError {
        let names = attributes.map(\.string).joined(separator: ", ")
        return invalidParameters("Global secondary index \(name) does not project [\(names)]")
    }

    // MARK: Values of index keys

    package static func indexKeyTypeMismatch(
        _ name: Text,
        expected: TableSchema.KeyType,
        actual: String,
        index: String,
    ) -> ServiceError {
        invalidParameters(
            "Type mismatch for Index Key \(name) Expected: \(expected.rawValue) Actual: \(actual) "
                + "IndexName: \(index)"
        )
    }

    /// `kind` is `string` or `binary`.
    package static func indexKeyEmpty(_ name: Text, kind: String, index: String) -> ServiceError {
        validation(
            "One or more parameter values are not valid. A value specified for a secondary index "
                + "key is not supported. The AttributeValue for a key attribute cannot contain an "
                + "empty \(kind) value. IndexName: \(index), IndexKey: \(name)"
        )
    }

    package static let indexKeyUpdatedToType = validation(
        "The update expression attempted to update the secondary index key to unsupported type"
    )

    package static func indexKeyUpdatedToEmpty(kind: String) -> ServiceError {
        validation(
            "One or more parameter values are not valid. The update expression attempted to update "
                + "a secondary index key to a value that is not supported. The AttributeValue for a "
                + "key attribute cannot contain an empty \(kind) value."
        )
    }

    package static let indexKeyUpdatedBeyondLimits = validation(
        "The update expression attempted to update the secondary index key beyond allowed size "
            + "limits"
    )

    package static let collectionTooLarge = ServiceError(
        "ItemCollectionSizeLimitExceededException",
        "Collection size exceeded.",
    )

    // MARK: Changes of indexes

    package static let oneOnlineIndexAtATime = limitExceeded(
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously "
            + "per table"
    )

    package static let tooManyGlobalIndexes = limitExceeded(
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of "
            + "\(IndexLimits.globalMax)"
    )

    package static let tooManyProjectedAttributes = invalidParameters(
        "Number of NonKeyAttributes of all indexes exceeds the per-table limit of "
            + "\(IndexLimits.projectedAttributesMax)"
    )

    package static let indexExists = validation(
        "Attempting to create an index which already exists"
    )

    package static func indexMissing(_ name: String, table: String) -> ServiceError {
        resourceNotFound("Requested resource not found: Index \(name) for table \(table)")
    }

    /// `action` is `delete` or `update`.
    package static func indexNotGlobal(_ name: String, action: String) -> ServiceError {
        validation("Cannot \(action) an index that is not a GlobalSecondaryIndex: \(name)")
    }

    package static func indexBeingDeleted(_ name: String, table: String) -> ServiceError {
        resourceInUse(
            "Attempt to change a resource which is still in use: Index is being deleted. "
                + "Table: \(table) Index: \(name)"
        )
    }

    package static func indexBeingAllocated(_ name: String, table: String) -> ServiceError {
        resourceInUse(
            "Attempt to change a resource which is still in use: Index creation is in resource "
                + "allocation phase. Retry deletion during backfilling phase or when the index is "
                + "active. Table: \(table) Index: \(name)"
        )
    }

    package static func throughputWhileIndexesGo(
        _ names: [String],
        table: String,
    ) -> ServiceError {
        resourceInUse(
            "Attempt to change a resource which is still in use: Can't change table IOPS when an "
                + "index is being deleted. Table: \(table) "
                + "Indexes: [\(names.joined(separator: ", "))]"
        )
    }

    package static let indexesChanging = resourceInUse(
        "Attempt to change a resource which is still in use: Cannot delete table while indexes are "
            + "being created, updated, or deleted."
    )

    package static func attributesRedefined(
        existing: TableSchema.KeyAttribute,
        new: TableSchema.KeyAttribute,
    ) -> ServiceError {
        func shown(_ attribute: TableSchema.KeyAttribute) -> String {
            "Schema:[SchemaElement: key{\(attribute.name):\(attribute.type.rawValue):HASH}]"
        }
        return invalidParameters(
            "Attributes cannot be redefined. Please check that your attribute has the same type as "
                + "previously defined. Existing schema: \(shown(existing)) New schema: \(shown(new))"
        )
    }

    package static func indexThroughputUnchanged(
        _ name: String,
        _ throughput: ProvisionedThroughput,
    ) -> ServiceError {
        let read = throughput.readCapacityUnits
        let write = throughput.writeCapacityUnits
        return validation(
            "The provisioned throughput for the index \(name) will not change. "
                + "The requested value equals the current value. "
                + "Current ReadCapacityUnits provisioned for index \(name): \(read). "
                + "Requested ReadCapacityUnits: \(read). "
                + "Current WriteCapacityUnits provisioned for index \(name): \(write). "
                + "Requested WriteCapacityUnits: \(write). "
                + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                + "request higher limits."
        )
    }

    package static func indexThroughputMissing(_ name: String) -> ServiceError {
        invalidParameters("ProvisionedThroughput must be specified for index: \(name)")
    }

    package static func newIndexThroughputMissing(_ name: String) -> ServiceError {
        invalidParameters(
            "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: \(name)"
        )
    }

    package static func newIndexThroughputWithPayPerRequest(_ name: String) -> ServiceError {
        invalidParameters(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: \(name) "
                + "when BillingMode is PAY_PER_REQUEST"
        )
    }

    package static func indexUpdateWithPayPerRequest(_ name: String) -> ServiceError {
        invalidParameters(
            "The only Updates for index: \(name) when TableThroughputMode is PAY_PER_REQUEST can be "
                + "to OnDemandThroughput, WarmThroughput"
        )
    }
}
