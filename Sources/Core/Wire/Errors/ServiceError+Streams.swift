/// Errors about streams, in the service's words.
extension ServiceError {
    package static func streamEnabledAlready(_ table: String) -> ServiceError {
        validation("Table already has an enabled stream: TableName: \(table)")
    }

    package static func streamDisabledAlready(_ table: String) -> ServiceError {
        validation("Table has no stream to disable: TableName: \(table)")
    }

    package static let streamOfGlobalTable = invalidParameters(
        "Disabling Stream is not allowed for a Global Table replica."
    )

    package static func streamOfOtherView(_ table: String) -> ServiceError {
        invalidParameters(
            "Table \(table) must have a stream with NEW_AND_OLD_IMAGES to become a global table"
        )
    }

    package static let streamWithThroughput = invalidParameters(
        "You cannot modify stream status while updating table IOPS"
    )

    package static let invalidStreamARN = validation("Invalid StreamArn")

    package static func streamNotFound(_ arn: String) -> ServiceError {
        resourceNotFound("Requested resource not found: Stream: \(arn) not found")
    }

    package static func shardNotFound(_ shard: String, of arn: String) -> ServiceError {
        resourceNotFound(
            "Requested resource not found: Shard: \(shard) in Stream: \(arn) not found"
        )
    }

    package static let invalidShardIterator = validation("Invalid ShardIterator")

    package static let expiredIterator = ServiceError(
        "ExpiredIteratorException",
        "Iterator expired: The shard iterator has expired and can no longer be used to retrieve "
            + "stream records. A shard iterator expires 15 minutes after it is retrieved.",
    )

    package static let trimmedData = ServiceError(
        "TrimmedDataAccessException",
        "The operation attempted to read past the oldest stream record in a shard.",
    )

    package static func sequenceNumberMissing(_ type: ShardIteratorType) -> ServiceError {
        invalidParameters(
            "SequenceNumber must be specified when ShardIteratorType is \(type.rawValue)"
        )
    }

    package static func sequenceNumberUnwanted(_ type: ShardIteratorType) -> ServiceError {
        invalidParameters(
            "SequenceNumber must not be specified when ShardIteratorType is \(type.rawValue)"
        )
    }

    package static func timestampMissing(_ type: ShardIteratorType) -> ServiceError {
        invalidParameters("Timestamp must be specified when ShardIteratorType is \(type.rawValue)")
    }

    package static func timestampUnwanted(_ type: ShardIteratorType) -> ServiceError {
        invalidParameters(
            "Timestamp must not be specified when ShardIteratorType is \(type.rawValue)"
        )
    }

    package static let timestampInFuture = invalidParameters("Timestamp must not be in the future")

    package static func invalidSequenceNumber(_ number: String) -> ServiceError {
        invalidParameters("Invalid SequenceNumber: \(number)")
    }
}
