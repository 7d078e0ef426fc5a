import JSON
import Testing
import Wire

/// Bodies that no client would send: answered, never a trap.
@Suite struct ArbitraryBodyTests {
    @Test(arguments: OperationName.allCases)
    func `any JSON gets an answer`(operation: OperationName) {
        var random = SplitMix(seed: 1)
        for _ in 0..<2000 {
            var writer = JSONWriter()
            writer.value(ArbitraryJSON.object(&random, depth: 0))
            _ = try? RequestDecoder.decode(operation, body: writer.bytes)
        }
    }

    @Test(arguments: OperationName.allCases)
    func `any bytes get an answer`(operation: OperationName) {
        var random = SplitMix(seed: 2)
        for _ in 0..<500 {
            let bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            _ = try? RequestDecoder.decode(operation, body: bytes)
        }
    }

    @Test(arguments: ["9e999", "-9e999", "1e-999", "99999999999999999999", "-0", "0.5", "1E400"])
    func `any number stands for an integer`(number: String) {
        _ = failure("Scan", #"{"TableName": "abc", "Limit": \#(number)}"#)
        let part = #"{"ReadCapacityUnits": \#(number), "WriteCapacityUnits": \#(number)}"#
        #expect(failure("UpdateTable", #"{"ProvisionedThroughput": \#(part)}"#) != nil)
    }

    @Test func `a million violations make one bounded message`() {
        let parts = Array(repeating: "{}", count: 100_000).joined(separator: ",")
        let body = #"{"TableName": "abc", "KeySchema": [\#(parts)]}"#
        let error = failure("CreateTable", body)
        #expect(error?.message.hasPrefix("10 validation errors detected") == true)
        #expect((error?.message.utf8.count ?? 0) < 10_000)
    }
}

/// JSON in which the API's names stand in unlikely places.
private enum ArbitraryJSON {
    static let names = [
        "TableName", "Key", "Item", "S", "N", "B", "M", "L", "SS", "NS", "NULL", "BOOL", "Limit",
        "KeySchema", "AttributeDefinitions", "AttributeName", "AttributeType", "KeyType",
        "ProvisionedThroughput", "ReadCapacityUnits", "WriteCapacityUnits", "BillingMode",
        "RequestItems", "PutRequest", "DeleteRequest", "Keys", "abc", "ReplicaUpdates", "Create",
        "Delete", "RegionName", "Segment", "TotalSegments", "Select", "ExpressionAttributeNames",
        "ExpressionAttributeValues", "StreamSpecification", "StreamEnabled", "ExclusiveStartKey",
        "AttributesToGet", "AttributeUpdates", "Action", "Value", "Expected", "Exists",
        "ComparisonOperator", "AttributeValueList", "ConditionalOperator", "KeyConditions",
        "QueryFilter", "ScanFilter",
        "TransactItems", "Put", "Update", "ConditionCheck", "Get", "ClientRequestToken",
        "ConditionExpression", "UpdateExpression", "Statement", "Statements", "Parameters",
        "TransactStatements", "NextToken",
    ]
    static let texts = [
        "", "abc", "x", "1", "HASH", "RANGE", "S", "TOTAL", "EQ", "IN", "COUNT", "\u{0}", "é",
    ]
    static let numbers = ["0", "1", "-1", "1.5", "1e99", "99999999999999999999"]

    static func object(_ random: inout SplitMix, depth: Int) -> JSONValue {
        .object(
            (0..<random.below(8)).map { _ in
                JSONValue.Member(
                    names[random.below(names.count)],
                    value(&random, depth: depth + 1),
                )
            }
        )
    }

    private static func value(_ random: inout SplitMix, depth: Int) -> JSONValue {
        switch random.below(depth > 6 ? 4 : 8) {
        case 0: .null
        case 1: .bool(random.below(2) == 0)
        case 2: .number(numbers[random.below(numbers.count)])
        case 3: .string(texts[random.below(texts.count)])
        case 4: .array((0..<random.below(4)).map { _ in value(&random, depth: depth + 1) })
        default: object(&random, depth: depth)
        }
    }
}

/// A small generator of random numbers, the same for the same seed.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
