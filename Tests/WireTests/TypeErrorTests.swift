import Testing
import Wire

@Suite struct TypeErrorTests {
    @Test(arguments: [
        Refusal("GetItem", #"{"TableName": 1}"#, "NUMBER_VALUE cannot be converted to String"),
        Refusal("GetItem", #"{"TableName": 1.5}"#, "DECIMAL_VALUE cannot be converted to String"),
        Refusal("GetItem", #"{"TableName": true}"#, "TRUE_VALUE cannot be converted to String"),
        Refusal(
            "GetItem",
            #"{"TableName": []}"#,
            "Unrecognized collection type class java.lang.String",
        ),
        Refusal(
            "GetItem",
            #"{"TableName": {}}"#,
            "Start of structure or map found where not expected",
        ),
        Refusal("GetItem", #"{"Key": "x"}"#, "Unexpected field type"),
        Refusal(
            "GetItem",
            #"{"Key": []}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "com.amazonaws.dynamodb.v20120810.AttributeValue>",
        ),
        Refusal("GetItem", #"{"Key": {"a": "x"}}"#, "Unexpected value type in payload"),
        Refusal(
            "GetItem",
            #"{"Key": {"a": {"S": 1}}}"#,
            "NUMBER_VALUE cannot be converted to String",
        ),
        Refusal(
            "GetItem",
            #"{"ConsistentRead": 1}"#,
            "NUMBER_VALUE cannot be converted to Boolean",
        ),
        Refusal(
            "GetItem",
            ##"{"ExpressionAttributeNames": {"#a": 1}}"##,
            "NUMBER_VALUE cannot be converted to String",
        ),
        Refusal("Scan", #"{"Limit": "1"}"#, "STRING_VALUE cannot be converted to Integer"),
        Refusal("Scan", #"{"Limit": false}"#, "FALSE_VALUE cannot be converted to Integer"),
        Refusal(
            "CreateTable",
            #"{"ProvisionedThroughput": {"ReadCapacityUnits": "1"}}"#,
            "STRING_VALUE cannot be converted to Long",
        ),
        Refusal("CreateTable", #"{"KeySchema": 1}"#, "Unexpected field type"),
        Refusal("CreateTable", #"{"KeySchema": [1]}"#, "Unexpected value type in payload"),
        Refusal(
            "CreateTable",
            #"{"KeySchema": [[]]}"#,
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement",
        ),
        Refusal("CreateTable", #"{"ProvisionedThroughput": 1}"#, "Unexpected field type"),
        Refusal(
            "BatchWriteItem",
            #"{"RequestItems": []}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>",
        ),
    ])
    func `a member of the wrong type is a serialization error`(refusal: Refusal) {
        #expect(failure(refusal.operation, refusal.body) == .serialization(refusal.message))
    }

    @Test func `types are checked before constraints`() {
        let error = failure("Query", #"{"TableName": "!", "Limit": "x"}"#)
        #expect(error?.code == "SerializationException")
    }

    @Test(arguments: ["", "{", "[]", "1", "null", #"{"a": }"#, "{}x", "\u{FEFF}{}"])
    func `a body that is no JSON object is a serialization error`(body: String) {
        #expect(failure("ListTables", body)?.code == "SerializationException")
    }

    @Test(arguments: [
        "", "PutItem", "DynamoDB_20120810.", "DynamoDB_20111205.PutItem",
        "DynamoDB_20120810.putItem", "DynamoDB_20120810.transactWriteItems",
    ])
    func `a target that is not served is an unknown operation`(target: String) {
        #expect(throws: ServiceError.unknownOperation) {
            try RequestDecoder.decode(target: target, body: Array("{}".utf8))
        }
    }

    @Test func `null members count as absent and unknown members are ignored`() throws {
        let body = #"{"Limit": null, "ExclusiveStartTableName": null, "Other": [1]}"#
        guard case .listTables(let request) = try decode("ListTables", body) else {
            throw WrongOperation()
        }
        #expect(request.limit == 100)
        #expect(request.exclusiveStartTableName == nil)
    }

    @Test func `of a member given twice the last one counts`() throws {
        let body = #"{"Limit": 1, "Limit": 2}"#
        guard case .listTables(let request) = try decode("ListTables", body) else {
            throw WrongOperation()
        }
        #expect(request.limit == 2)
    }
}
