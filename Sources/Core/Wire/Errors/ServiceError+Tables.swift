/// Errors about tables and their replicas, in the service's words.
extension ServiceError {
    package static let unknownOperation = ServiceError("UnknownOperationException", "")

    /// What operations on tables say of a missing one; operations on items say `tableNotFound`.
    package static func tableNotFound(_ name: String) -> ServiceError {
        resourceNotFound("Requested resource not found: Table: \(name) not found")
    }

    static let tableNameMissing = validation(
        "The parameter 'TableName' is required but was not present in the request"
    )

    package static func tableExists(_ name: String) -> ServiceError {
        resourceInUse("Table already exists: \(name)")
    }

    package static func tableBeingCreated(_ name: String) -> ServiceError {
        resourceInUse(
            "Attempt to change a resource which is still in use: Table is being created: \(name)"
        )
    }

    package static func tableBeingUpdated(_ name: String) -> ServiceError {
        resourceInUse(
            "Attempt to change a resource which is still in use: Table is being updated: \(name)"
        )
    }

    package static func tableBeingDeleted(_ name: String) -> ServiceError {
        resourceInUse(
            "Attempt to change a resource which is still in use: Table is being deleted: \(name)"
        )
    }

    package static let deletionProtected = validation(
        "Resource cannot be deleted as it is currently protected against deletion. "
            + "Disable deletion protection first."
    )

    /// `UpdateTable` asked for the throughput or billing mode that the table has.
    package static func throughputUnchanged(read: Int64, write: Int64) -> ServiceError {
        validation(
            "The provisioned throughput for the table will not change. "
                + "The requested value equals the current value. "
                + "Current ReadCapacityUnits provisioned for the table: \(read). "
                + "Requested ReadCapacityUnits: \(read). "
                + "Current WriteCapacityUnits provisioned for the table: \(write). "
                + "Requested WriteCapacityUnits: \(write). "
                + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                + "request higher limits."
        )
    }

    package static let throughputWithPayPerRequest = invalidParameters(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
            + "PAY_PER_REQUEST"
    )

    package static let throughputMissing = invalidParameters(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
            + "PROVISIONED"
    )

    /// What `UpdateTable` says of a new billing mode without, and one with, provisioned capacity.
    static let throughputMissingInUpdate = invalidParameters(
        "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
    )

    static let throughputWithNewPayPerRequest = invalidParameters(
        "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST"
    )

    package static func replicaExists(table: String) -> ServiceError {
        validation(
            "Failed to create a the new replica of table with name: ‘\(table)’ because one or "
                + "more replicas already existed as tables."
        )
    }

    package static let replicaIsLocal = validation(
        "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, "
            + "DeleteTable, or UpdateTable as required."
    )

    package static func replicaNotFound(_ region: String) -> ServiceError {
        validation(
            "Update global table operation failed because one or more replicas were not part of "
                + "the global table. Please retry the request without these replicas: [\(region)]."
        )
    }

    static let replicaUpdateEmpty = validation(
        "There are no actions specified in the Replica Update Action of the request."
    )

    static let replicaUpdatesTooMany = validation(
        "Update table operation with more than one create or delete replica actions not allowed"
    )

    static let replicaUpdateAmbiguous = validation(
        "Update table operation with more than one type of replica actions not allowed."
    )

    package static func decreasesExceeded(
        count: Int64,
        last: String,
        next: String,
    ) -> ServiceError {
        limitExceeded(
            "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given "
                + "UTC day. After the first 4 decreases, each subsequent decrease in the same UTC "
                + "day can be performed at most once every 3600 seconds. Number of decreases "
                + "today: \(count). Last decrease at \(last). Next decrease can be made at \(next)"
        )
    }

    package static func limitExceeded(_ message: String) -> ServiceError {
        ServiceError("LimitExceededException", message)
    }

    package static func throttled(_ message: String) -> ServiceError {
        ServiceError("ThrottlingException", message)
    }

    package static func invalidParameters(_ detail: String) -> ServiceError {
        validation("One or more parameter values were invalid: \(detail)")
    }
}
