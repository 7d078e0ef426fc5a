/// An enumeration of the API: a string out of a fixed set.
///
/// The cases stand in the order in which the service lists them in its "must satisfy enum value
/// set" message.
package protocol Choice: RawRepresentable<String>, CaseIterable, Equatable, Sendable {}

/// Which attributes a write answers with.
package enum ReturnValues: String, Choice {
    case allNew = "ALL_NEW"
    case updatedOld = "UPDATED_OLD"
    case allOld = "ALL_OLD"
    case none = "NONE"
    case updatedNew = "UPDATED_NEW"
}

/// Whether a failed condition answers with the item that failed it.
package enum ReturnValuesOnConditionCheckFailure: String, Choice {
    case allOld = "ALL_OLD"
    case none = "NONE"
}

/// How much a response says about the capacity it used.
package enum ReturnConsumedCapacity: String, Choice {
    case indexes = "INDEXES"
    case total = "TOTAL"
    case none = "NONE"
}

/// Whether a write answers with the size of the item collection (tables with local indexes only).
package enum ReturnItemCollectionMetrics: String, Choice {
    case size = "SIZE"
    case none = "NONE"
}

/// What a query or scan returns of each item.
package enum Select: String, Choice {
    case specificAttributes = "SPECIFIC_ATTRIBUTES"
    case count = "COUNT"
    case allAttributes = "ALL_ATTRIBUTES"
    case allProjectedAttributes = "ALL_PROJECTED_ATTRIBUTES"
}

package enum BillingMode: String, Choice {
    case provisioned = "PROVISIONED"
    case payPerRequest = "PAY_PER_REQUEST"
}

package enum TableClass: String, Choice {
    case standard = "STANDARD"
    case standardInfrequentAccess = "STANDARD_INFREQUENT_ACCESS"
}

package enum StreamViewType: String, Choice {
    case oldImage = "OLD_IMAGE"
    case keysOnly = "KEYS_ONLY"
    case newAndOldImages = "NEW_AND_OLD_IMAGES"
    case newImage = "NEW_IMAGE"
}

package enum ShardIteratorType: String, Choice {
    case trimHorizon = "TRIM_HORIZON"
    case latest = "LATEST"
    case atSequenceNumber = "AT_SEQUENCE_NUMBER"
    case afterSequenceNumber = "AFTER_SEQUENCE_NUMBER"
    case atTimestamp = "AT_TIMESTAMP"
}

package enum ShardFilterType: String, Choice {
    case childShards = "CHILD_SHARDS"
}

package enum MultiRegionConsistency: String, Choice {
    case eventual = "EVENTUAL"
    case strong = "STRONG"
}

/// The role of a key attribute in a key schema.
package enum KeyType: String, Choice {
    case hash = "HASH"
    case range = "RANGE"
}

package enum TableStatus: String, Choice {
    case creating = "CREATING"
    case updating = "UPDATING"
    case deleting = "DELETING"
    case active = "ACTIVE"
}

package enum ReplicaStatus: String, Choice {
    case creating = "CREATING"
    case creationFailed = "CREATION_FAILED"
    case updating = "UPDATING"
    case deleting = "DELETING"
    case active = "ACTIVE"
}
