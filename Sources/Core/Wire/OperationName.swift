/// The operations of the API that Meridian serves.
package enum OperationName: String, CaseIterable, Sendable {
    case batchExecuteStatement = "BatchExecuteStatement"
    case batchGetItem = "BatchGetItem"
    case batchWriteItem = "BatchWriteItem"
    case createTable = "CreateTable"
    case deleteItem = "DeleteItem"
    case deleteResourcePolicy = "DeleteResourcePolicy"
    case deleteTable = "DeleteTable"
    case describeContinuousBackups = "DescribeContinuousBackups"
    case describeEndpoints = "DescribeEndpoints"
    case describeLimits = "DescribeLimits"
    case describeTable = "DescribeTable"
    case executeStatement = "ExecuteStatement"
    case executeTransaction = "ExecuteTransaction"
    case getItem = "GetItem"
    case listTagsOfResource = "ListTagsOfResource"
    case getResourcePolicy = "GetResourcePolicy"
    case listTables = "ListTables"
    case putItem = "PutItem"
    case putResourcePolicy = "PutResourcePolicy"
    case query = "Query"
    case scan = "Scan"
    case tagResource = "TagResource"
    case transactGetItems = "TransactGetItems"
    case transactWriteItems = "TransactWriteItems"
    case untagResource = "UntagResource"
    case updateContinuousBackups = "UpdateContinuousBackups"
    case updateItem = "UpdateItem"
    case updateTable = "UpdateTable"

    /// What the `X-Amz-Target` header has before the operation's name.
    package static let targetPrefix = "DynamoDB_20120810."

    /// The operation an `X-Amz-Target` header names.
    package init(target: String) throws(ServiceError) {
        guard target.utf8.starts(with: Self.targetPrefix.utf8),
            let name = OperationName(
                rawValue: String(target.dropFirst(Self.targetPrefix.count))
            )
        else { throw .unknownOperation }
        self = name
    }
}
