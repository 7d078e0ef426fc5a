import Items

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
        var target = target
        let name = target.withUTF8 { Self(target: UnsafeRawBufferPointer($0)) }
        guard let name else { throw .unknownOperation }
        self = name
    }

    /// The same of the header's bytes; nil if they name none.
    package init?(target: UnsafeRawBufferPointer) {
        guard target.count < Self.byCount.count else { return nil }
        let name = Self.byCount[target.count].first { known in
            known.header.withUnsafeBytes { ByteOrder.compare($0, target) == 0 }
        }
        guard let name else { return nil }
        self = name.name
    }

    /// Whole headers by their length, so that few are compared: cheaper than taking one apart, and than
    /// hashing it.
    private static let byCount: [[(header: [UInt8], name: OperationName)]] = {
        var byCount: [[(header: [UInt8], name: OperationName)]] = []
        for name in allCases {
            let prefix = name.isOfStreams ? streamsTargetPrefix : targetPrefix
            let header = Array((prefix + name.rawValue).utf8)
            while byCount.count <= header.count { byCount.append([]) }
            byCount[header.count].append((header, name))
        }
        return byCount
    }()

    /// The operation's place in `allCases`, for whoever counts by operation: it says nothing else, and
    /// goes nowhere.
    package var ordinal: Int {
        // The cases carry nothing, so one byte tells them apart, in the order in which they stand here.
        withUnsafeBytes(of: self) { Int($0[0]) }
    }
}
