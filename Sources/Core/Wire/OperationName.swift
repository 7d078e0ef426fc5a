/// The operations of the APIs that Meridian serves: DynamoDB's, and DynamoDB Streams' on the same port.
package enum OperationName: String, CaseIterable, Sendable {
    case batchExecuteStatement = "BatchExecuteStatement"
    case batchGetItem = "BatchGetItem"
    case batchWriteItem = "BatchWriteItem"
    case createGlobalTable = "CreateGlobalTable"
    case createTable = "CreateTable"
    case deleteItem = "DeleteItem"
    case deleteResourcePolicy = "DeleteResourcePolicy"
    case deleteTable = "DeleteTable"
    case describeContinuousBackups = "DescribeContinuousBackups"
    case describeEndpoints = "DescribeEndpoints"
    case describeGlobalTable = "DescribeGlobalTable"
    case describeGlobalTableSettings = "DescribeGlobalTableSettings"
    case describeLimits = "DescribeLimits"
    case describeStream = "DescribeStream"
    case describeTable = "DescribeTable"
    case describeTimeToLive = "DescribeTimeToLive"
    case executeStatement = "ExecuteStatement"
    case executeTransaction = "ExecuteTransaction"
    case describeTableReplicaAutoScaling = "DescribeTableReplicaAutoScaling"
    case getItem = "GetItem"
    case getRecords = "GetRecords"
    case getResourcePolicy = "GetResourcePolicy"
    case getShardIterator = "GetShardIterator"
    case listStreams = "ListStreams"
    case listGlobalTables = "ListGlobalTables"
    case listTables = "ListTables"
    case listTagsOfResource = "ListTagsOfResource"
    case putItem = "PutItem"
    case putResourcePolicy = "PutResourcePolicy"
    case query = "Query"
    case scan = "Scan"
    case tagResource = "TagResource"
    case transactGetItems = "TransactGetItems"
    case transactWriteItems = "TransactWriteItems"
    case untagResource = "UntagResource"
    case updateContinuousBackups = "UpdateContinuousBackups"
    case updateGlobalTable = "UpdateGlobalTable"
    case updateGlobalTableSettings = "UpdateGlobalTableSettings"
    case updateItem = "UpdateItem"
    case updateTable = "UpdateTable"
    case updateTableReplicaAutoScaling = "UpdateTableReplicaAutoScaling"
    case updateTimeToLive = "UpdateTimeToLive"

    // Those on features that Meridian does not have; `AbsentFeatureRequest` reads them all.
    case cancelBulkOperation = "CancelBulkOperation"
    case createBackup = "CreateBackup"
    case deleteBackup = "DeleteBackup"
    case describeBackup = "DescribeBackup"
    case describeBulkOperation = "DescribeBulkOperation"
    case describeContributorInsights = "DescribeContributorInsights"
    case describeExport = "DescribeExport"
    case describeImport = "DescribeImport"
    case describeKinesisStreamingDestination = "DescribeKinesisStreamingDestination"
    case disableKinesisStreamingDestination = "DisableKinesisStreamingDestination"
    case enableKinesisStreamingDestination = "EnableKinesisStreamingDestination"
    case exportTableToPointInTime = "ExportTableToPointInTime"
    case importTable = "ImportTable"
    case listBackups = "ListBackups"
    case listBulkOperations = "ListBulkOperations"
    case listContributorInsights = "ListContributorInsights"
    case listExports = "ListExports"
    case listImports = "ListImports"
    case restoreTableFromBackup = "RestoreTableFromBackup"
    case restoreTableToPointInTime = "RestoreTableToPointInTime"
    case searchVectors = "SearchVectors"
    case startBulkPutItems = "StartBulkPutItems"
    case updateContributorInsights = "UpdateContributorInsights"
    case updateKinesisStreamingDestination = "UpdateKinesisStreamingDestination"

    /// What the `X-Amz-Target` header has before the operation's name.
    package static let targetPrefix = "DynamoDB_20120810."
    /// The same for the operations on streams.
    package static let streamsTargetPrefix = "DynamoDBStreams_20120810."

    /// Whether the operation is one of DynamoDB Streams, an API with a target prefix of its own.
    package var isOfStreams: Bool {
        switch self {
        case .describeStream, .getRecords, .getShardIterator, .listStreams: true
        default: false
        }
    }

    /// The operation an `X-Amz-Target` header names.
    package init(target: String) throws(ServiceError) {
        guard let name = Self.byTarget[target] else { throw .unknownOperation }
        self = name
    }

    /// Looked up as a whole: cheaper than taking the header apart.
    private static let byTarget = Dictionary(
        uniqueKeysWithValues: allCases.map { name in
            ((name.isOfStreams ? streamsTargetPrefix : targetPrefix) + name.rawValue, name)
        }
    )
}
