import Items
import Testing
import Wire

@Suite struct ResponseTests {
    private let item = Item([Item.Attribute("a", .string("x"))])

    @Test func `an empty answer is an empty object`() throws {
        #expect(try text(PutItemResponse()) == "{}")
        #expect(try text(GetItemResponse()) == "{}")
    }

    @Test func `a stored item is written as the item is`() throws {
        let expected = #"{"Item":{"a":{"S":"x"}}}"#
        #expect(try text(GetItemResponse(item: .item(item))) == expected)
        #expect(try text(GetItemResponse(item: .stored(item.encoded()[...]))) == expected)
    }

    @Test func `a damaged stored item is an error`() {
        #expect(throws: StoredFormError.self) {
            try text(GetItemResponse(item: .stored([0xff, 0xff])))
        }
    }

    @Test func `a page counts what it shows and what it read`() throws {
        let page = ScanResponse(
            items: [.item(item)],
            count: 1,
            scannedCount: 2,
            lastEvaluatedKey: item,
        )
        #expect(
            try text(page)
                == #"{"Items":[{"a":{"S":"x"}}],"Count":1,"ScannedCount":2,"#
                + #""LastEvaluatedKey":{"a":{"S":"x"}}}"#
        )
        #expect(
            try text(QueryResponse(items: nil, count: 3, scannedCount: 3))
                == #"{"Count":3,"ScannedCount":3}"#
        )
    }

    @Test func `capacity has the shape that was asked for`() throws {
        let units = CapacityUnits.read(bytes: 4097, consistent: false)
        func response(_ shape: ReturnConsumedCapacity) -> GetItemResponse {
            GetItemResponse(
                consumedCapacity: ConsumedCapacity(shape, tableName: "abc", table: units)
            )
        }
        #expect(try text(response(.none)) == "{}")
        #expect(
            try text(response(.total))
                == #"{"ConsumedCapacity":{"TableName":"abc","CapacityUnits":1.0}}"#
        )
        #expect(
            try text(response(.indexes))
                == #"{"ConsumedCapacity":{"TableName":"abc","CapacityUnits":1.0,"#
                + #""Table":{"CapacityUnits":1.0}}}"#
        )
    }

    @Test(arguments: [
        (0, 1, 2, 2), (1024, 1, 2, 2), (1025, 1, 2, 4), (4096, 1, 2, 8), (4097, 2, 4, 10),
    ])
    func `capacity is rounded up to whole blocks`(
        bytes: Int,
        eventual: Int,
        consistent: Int,
        write: Int,
    ) {
        #expect(CapacityUnits.read(bytes: bytes, consistent: false).halves == eventual)
        #expect(CapacityUnits.read(bytes: bytes, consistent: true).halves == consistent)
        #expect(CapacityUnits.write(bytes: bytes).halves == write)
    }

    @Test func `a table is described with everything it has`() throws {
        let table = TableDescription(
            attributeDefinitions: [.init(name: "pk", type: .binary)],
            tableName: "abc",
            schema: TableSchema(partition: .init(name: "pk", type: .binary)),
            status: .active,
            creationMilliseconds: 1_700_000_000_007,
            billingMode: .payPerRequest,
            lastUpdateToPayPerRequestMilliseconds: 1_700_000_000_007,
            throughput: ThroughputDescription(),
            sizeBytes: 3,
            itemCount: 1,
            arn: TableARN.text(region: "eu-west-1", tableName: "abc"),
            tableId: "0f0f0f0f-0000-0000-0000-000000000000",
            replicas: [
                ReplicaDescription(
                    regionName: "r",
                    status: .creating,
                    percentProgress: 40,
                    overrides: ReplicaOverrides(readCapacityUnits: 5),
                )
            ],
            globalTableVersion: "2019.11.21",
        )
        let warm =
            #"{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}"#
        let expected =
            #"{"Table":{"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"B"}],"#
            + #""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"#
            + #""CreationDateTime":1700000000.007,"TableName":"abc","TableStatus":"ACTIVE","#
            + #""ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"#
            + #""WriteCapacityUnits":0},"TableSizeBytes":3,"ItemCount":1,"#
            + #""TableArn":"arn:aws:dynamodb:eu-west-1:000000000000:table/abc","#
            + #""TableId":"0f0f0f0f-0000-0000-0000-000000000000","#
            + #""BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","#
            + #""LastUpdateToPayPerRequestDateTime":1700000000.007},"#
            + #""TableThroughputModeSummary":{"TableThroughputMode":"PAY_PER_REQUEST","#
            + #""LastUpdateToPayPerRequestDateTime":1700000000.007},"#
            + #""DeletionProtectionEnabled":false,"WarmThroughput":\#(warm),"#
            + #""GlobalTableVersion":"2019.11.21","#
            + #""GlobalTableSettingsReplicationMode":"ENABLED_WITH_OVERRIDES","#
            + #""Replicas":[{"RegionName":"r","ReplicaStatus":"CREATING","#
            + #""ReplicaArn":"arn:aws:dynamodb:r:000000000000:table/abc","#
            + #""ReplicaStatusPercentProgress":"40","#
            + #""ProvisionedThroughputOverride":{"ReadCapacityUnits":5},"WarmThroughput":\#(warm),"#
            + #""GlobalTableSettingsReplicationMode":"ENABLED_WITH_OVERRIDES"}]}}"#
        #expect(try text(DescribeTableResponse(table: table)) == expected)
    }

    @Test func `what a batch left undone is written as a request`() throws {
        let reads = BatchGetItemResponse(
            tables: [TableItems(tableName: "abc", items: [.item(item)])],
            unprocessed: [
                TableKeys(
                    tableName: "abc",
                    keys: [item],
                    consistentRead: true,
                    projection: "#a",
                    names: [("#a", "a")],
                )
            ],
        )
        #expect(
            try text(reads)
                == #"{"Responses":{"abc":[{"a":{"S":"x"}}]},"UnprocessedKeys":{"abc":{"Keys":"#
                + ##"[{"a":{"S":"x"}}],"ConsistentRead":true,"ProjectionExpression":"#a","##
                + ##""ExpressionAttributeNames":{"#a":"a"}}}}"##
        )
        let writes = BatchWriteItemResponse(
            unprocessed: [
                TableWrites(tableName: "abc", writes: [.put(item: item), .delete(key: item)])
            ])
        #expect(
            try text(writes)
                == #"{"UnprocessedItems":{"abc":[{"PutRequest":{"Item":{"a":{"S":"x"}}}},"#
                + #"{"DeleteRequest":{"Key":{"a":{"S":"x"}}}}]}}"#
        )
    }

    @Test func `small answers`() throws {
        #expect(
            try text(ListTablesResponse(tableNames: ["a", "b"], lastEvaluatedTableName: "b"))
                == #"{"TableNames":["a","b"],"LastEvaluatedTableName":"b"}"#
        )
        #expect(
            try text(DescribeEndpointsResponse(address: "localhost:8001"))
                == #"{"Endpoints":[{"Address":"localhost:8001","CachePeriodInMinutes":1440}]}"#
        )
        #expect(
            try text(DescribeLimitsResponse())
                == #"{"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,"#
                + #""TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000}"#
        )
    }
}
