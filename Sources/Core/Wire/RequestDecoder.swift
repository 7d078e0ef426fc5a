package import JSON

/// Any request: what the decoder makes and the engine takes apart.
package enum AnyRequest: Sendable {
    case absentFeature(AbsentFeatureRequest)
    case batchExecuteStatement(BatchExecuteStatementRequest)
    case batchGetItem(BatchGetItemRequest)
    case batchWriteItem(BatchWriteItemRequest)
    case createGlobalTable(CreateGlobalTableRequest)
    case createTable(CreateTableRequest)
    case deleteItem(DeleteItemRequest)
    case deleteResourcePolicy(DeleteResourcePolicyRequest)
    case deleteTable(DeleteTableRequest)
    case describeContinuousBackups(DescribeContinuousBackupsRequest)
    case describeEndpoints(DescribeEndpointsRequest)
    case describeGlobalTable(DescribeGlobalTableRequest)
    case describeGlobalTableSettings(DescribeGlobalTableSettingsRequest)
    case describeLimits(DescribeLimitsRequest)
    case describeStream(DescribeStreamRequest)
    case describeTable(DescribeTableRequest)
    case describeTimeToLive(DescribeTimeToLiveRequest)
    case executeStatement(ExecuteStatementRequest)
    case executeTransaction(ExecuteTransactionRequest)
    case describeTableReplicaAutoScaling(DescribeTableReplicaAutoScalingRequest)
    case getItem(GetItemRequest)
    case getResourcePolicy(GetResourcePolicyRequest)
    case getRecords(GetRecordsRequest)
    case getShardIterator(GetShardIteratorRequest)
    case listStreams(ListStreamsRequest)
    case listGlobalTables(ListGlobalTablesRequest)
    case listTables(ListTablesRequest)
    case listTagsOfResource(ListTagsOfResourceRequest)
    case putItem(PutItemRequest)
    case putResourcePolicy(PutResourcePolicyRequest)
    case query(QueryRequest)
    case scan(ScanRequest)
    case tagResource(TagResourceRequest)
    case transactGetItems(TransactGetItemsRequest)
    case transactWriteItems(TransactWriteItemsRequest)
    case untagResource(UntagResourceRequest)
    case updateContinuousBackups(UpdateContinuousBackupsRequest)
    case updateGlobalTable(UpdateGlobalTableRequest)
    case updateGlobalTableSettings(UpdateGlobalTableSettingsRequest)
    case updateItem(UpdateItemRequest)
    case updateTable(UpdateTableRequest)
    case updateTableReplicaAutoScaling(UpdateTableReplicaAutoScalingRequest)
    case updateTimeToLive(UpdateTimeToLiveRequest)
}

/// Makes requests of the bytes that came over HTTP.
package enum RequestDecoder {
    /// A request by its `X-Amz-Target` header, which is empty if there was none.
    package static func decode(
        target: String,
        body: [UInt8],
    ) throws(ServiceError) -> AnyRequest {
        let named = Result { () throws(ServiceError) in try OperationName(target: target) }
        let json = try parse(body, for: try? named.get())
        return try decode(named.get(), json)
    }

    package static func decode(
        _ operation: OperationName,
        body: [UInt8],
    ) throws(ServiceError) -> AnyRequest {
        try decode(operation, parse(body, for: operation))
    }

    package static func decode(
        _ operation: OperationName,
        _ body: JSONValue,
    ) throws(ServiceError) -> AnyRequest {
        try decode(operation, Fields(body: body))
    }

    /// The same, with tables that are called by their ARNs looked for in `region`.
    package static func decode(
        _ operation: OperationName,
        _ body: JSONValue,
        in region: String,
    ) throws(ServiceError) -> AnyRequest {
        let request = try decode(operation, body)
        try TableARN.check(all: body, in: region, for: operation)
        return request
    }

    /// `operation` is the one that the body is for, as far as that is known: it says which items and
    /// keys need no tree.
    package static func parse(
        _ body: [UInt8],
        for operation: OperationName? = nil,
    ) throws(ServiceError) -> JSONValue {
        do throws(JSONError) {
            return try JSONParser.parse(body, packing: operation?.packing)
        } catch {
            // Only attribute values can be this deep.
            guard error.kind != .tooDeep else { throw .nestedTooDeeply }
            // The service does not say where.
            throw .serialization("")
        }
    }

    private static func decode(
        _ operation: OperationName,
        _ fields: Fields,
    ) throws(ServiceError) -> AnyRequest {
        switch operation {
        case .batchExecuteStatement:
            .batchExecuteStatement(try BatchExecuteStatementRequest(reading: fields))
        case .batchGetItem: .batchGetItem(try BatchGetItemRequest(reading: fields))
        case .batchWriteItem: .batchWriteItem(try BatchWriteItemRequest(reading: fields))
        case .createGlobalTable:
            .createGlobalTable(try CreateGlobalTableRequest(reading: fields))
        case .createTable: .createTable(try CreateTableRequest(reading: fields))
        case .deleteItem: .deleteItem(try DeleteItemRequest(reading: fields))
        case .deleteResourcePolicy:
            .deleteResourcePolicy(try DeleteResourcePolicyRequest(reading: fields))
        case .deleteTable: .deleteTable(try DeleteTableRequest(reading: fields))
        case .describeContinuousBackups:
            .describeContinuousBackups(try DescribeContinuousBackupsRequest(reading: fields))
        case .describeEndpoints: .describeEndpoints(try DescribeEndpointsRequest(reading: fields))
        case .describeGlobalTable:
            .describeGlobalTable(try DescribeGlobalTableRequest(reading: fields))
        case .describeGlobalTableSettings:
            .describeGlobalTableSettings(try DescribeGlobalTableSettingsRequest(reading: fields))
        case .describeLimits: .describeLimits(try DescribeLimitsRequest(reading: fields))
        case .describeStream: .describeStream(try DescribeStreamRequest(reading: fields))
        case .getRecords: .getRecords(try GetRecordsRequest(reading: fields))
        case .getShardIterator: .getShardIterator(try GetShardIteratorRequest(reading: fields))
        case .listStreams: .listStreams(try ListStreamsRequest(reading: fields))
        case .describeTimeToLive:
            .describeTimeToLive(try DescribeTimeToLiveRequest(reading: fields))
        case .updateTimeToLive: .updateTimeToLive(try UpdateTimeToLiveRequest(reading: fields))
        case .describeTable: .describeTable(try DescribeTableRequest(reading: fields))
        case .executeStatement: .executeStatement(try ExecuteStatementRequest(reading: fields))
        case .executeTransaction:
            .executeTransaction(try ExecuteTransactionRequest(reading: fields))
        case .describeTableReplicaAutoScaling:
            .describeTableReplicaAutoScaling(
                try DescribeTableReplicaAutoScalingRequest(reading: fields)
            )
        case .getItem: .getItem(try GetItemRequest(reading: fields))
        case .getResourcePolicy:
            .getResourcePolicy(try GetResourcePolicyRequest(reading: fields))
        case .listGlobalTables:
            .listGlobalTables(try ListGlobalTablesRequest(reading: fields))
        case .listTables: .listTables(try ListTablesRequest(reading: fields))
        case .putItem: .putItem(try PutItemRequest(reading: fields))
        case .putResourcePolicy:
            .putResourcePolicy(try PutResourcePolicyRequest(reading: fields))
        case .query: .query(try QueryRequest(reading: fields))
        case .scan: .scan(try ScanRequest(reading: fields))
        case .listTagsOfResource:
            .listTagsOfResource(try ListTagsOfResourceRequest(reading: fields))
        case .tagResource: .tagResource(try TagResourceRequest(reading: fields))
        case .untagResource: .untagResource(try UntagResourceRequest(reading: fields))
        case .transactGetItems: .transactGetItems(try TransactGetItemsRequest(reading: fields))
        case .transactWriteItems:
            .transactWriteItems(try TransactWriteItemsRequest(reading: fields))
        case .updateContinuousBackups:
            .updateContinuousBackups(try UpdateContinuousBackupsRequest(reading: fields))
        case .updateGlobalTable:
            .updateGlobalTable(try UpdateGlobalTableRequest(reading: fields))
        case .updateGlobalTableSettings:
            .updateGlobalTableSettings(try UpdateGlobalTableSettingsRequest(reading: fields))
        case .updateItem: .updateItem(try UpdateItemRequest(reading: fields))
        case .updateTableReplicaAutoScaling:
            .updateTableReplicaAutoScaling(
                try UpdateTableReplicaAutoScalingRequest(reading: fields)
            )
        case .updateTable: .updateTable(try UpdateTableRequest(reading: fields))
        case .cancelBulkOperation, .createBackup, .deleteBackup, .describeBackup,
            .describeBulkOperation, .describeContributorInsights, .describeExport, .describeImport,
            .describeKinesisStreamingDestination, .disableKinesisStreamingDestination,
            .enableKinesisStreamingDestination, .exportTableToPointInTime, .importTable,
            .listBackups, .listBulkOperations, .listContributorInsights, .listExports,
            .listImports, .restoreTableFromBackup, .restoreTableToPointInTime, .searchVectors,
            .startBulkPutItems, .updateContributorInsights, .updateKinesisStreamingDestination:
            .absentFeature(try AbsentFeatureRequest(operation, reading: fields))
        }
    }
}
