import Items
import Testing
import Wire

/// What good requests become.
@Suite struct RequestTests {
    @Test func `a put keeps its expressions as text`() throws {
        let body = """
            {"TableName": "abc", "Item": {"pk": {"S": "a"}},
             "ConditionExpression": "#a = :b", "ExpressionAttributeNames": {"#a": "x"},
             "ExpressionAttributeValues": {":b": {"N": "1"}, ":c": {"NULL": true}},
             "ReturnValues": "ALL_OLD", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
             "ReturnConsumedCapacity": "INDEXES", "ReturnItemCollectionMetrics": "SIZE"}
            """
        guard case .putItem(let request) = try decode("PutItem", body) else {
            throw WrongOperation()
        }
        #expect(request.item["pk"] == .string("a"))
        #expect(request.condition == "#a = :b")
        #expect(request.names?.map(\.0) == ["#a"])
        #expect(request.names?.map(\.1) == ["x"])
        #expect(request.values?.map(\.0) == [":b", ":c"])
        #expect(request.returnValues == .allOld)
        #expect(request.returnValuesOnConditionCheckFailure == .allOld)
        #expect(request.returnConsumedCapacity == .indexes)
        #expect(request.returnItemCollectionMetrics == .size)
    }

    @Test func `an absent parameter has the service's default`() throws {
        let body = #"{"TableName": "abc", "Key": {"pk": {"S": "a"}}}"#
        guard case .updateItem(let request) = try decode("UpdateItem", body) else {
            throw WrongOperation()
        }
        #expect(request.update == nil)
        #expect(request.names == nil)
        #expect(request.values == nil)
        #expect(request.returnValues == .none)
        #expect(request.returnConsumedCapacity == .none)
    }

    @Test func `an update may ask for any return values`() throws {
        for value in ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] {
            let body = #"{"TableName": "abc", "Key": {}, "ReturnValues": "\#(value)"}"#
            #expect(failure("UpdateItem", body) == nil)
        }
    }

    @Test func `a query reads forward unless told otherwise`() throws {
        let body = #"{"TableName": "abc", "KeyConditionExpression": "pk = :p""#
        guard case .query(let forward) = try decode("Query", body + "}"),
            case .query(let backward) = try decode("Query", body + #", "ScanIndexForward": false}"#)
        else { throw WrongOperation() }
        #expect(forward.scanIndexForward)
        #expect(!backward.scanIndexForward)
        #expect(forward.keyCondition == "pk = :p")
    }

    @Test func `a scan has a segment if it has both parameters`() throws {
        let body = #"{"TableName": "abc", "Segment": 3, "TotalSegments": 4, "Limit": 2147483648}"#
        guard case .scan(let request) = try decode("Scan", body) else { throw WrongOperation() }
        #expect(request.segment == ScanSegment(index: 3, total: 4))
        #expect(request.limit == Int(Int32.max))
    }

    @Test func `the same replica twice is one`() throws {
        let body = """
            {"TableName": "abc", "ReplicaUpdates": [{"Create": {"RegionName": "a"}},
             {"Create": {"RegionName": "a"}}], "MultiRegionConsistency": "EVENTUAL"}
            """
        guard case .updateTable(let request) = try decode("UpdateTable", body) else {
            throw WrongOperation()
        }
        #expect(request.replicaUpdates == [.create(region: "a")])
    }

    @Test func `batches keep the order of tables and writes`() throws {
        let body = """
            {"RequestItems": {"zzz": [{"PutRequest": {"Item": {"k": {"N": "1"}}}}],
             "aaa": [{"DeleteRequest": {"Key": {"k": {"N": "2"}}}}]}}
            """
        guard case .batchWriteItem(let request) = try decode("BatchWriteItem", body) else {
            throw WrongOperation()
        }
        #expect(request.tables.map(\.tableName) == ["zzz", "aaa"])
        guard case .put(let item) = request.tables[0].writes[0] else { throw WrongOperation() }
        #expect(item.attributes.count == 1)
    }
}
