import Testing
import Wire

@Suite struct ConstraintTests {
    @Test(arguments: [
        Refusal(
            "DescribeTable",
            "{}",
            "Value null at 'tableName' failed to satisfy constraint: Member must not be null",
        ),
        Refusal(
            "DescribeTable",
            #"{"TableName": "ab"}"#,
            "Value 'ab' at 'tableName' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 3",
        ),
        Refusal(
            "DescribeTable",
            #"{"TableName": "a/b"}"#,
            "Value 'a/b' at 'tableName' failed to satisfy constraint: "
                + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
        Refusal(
            "PutItem",
            #"{"TableName": "abc", "Item": {}, "ReturnValues": "ALL"}"#,
            "Failed to satisfy constraint: Member must satisfy enum value set: "
                + "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]",
        ),
        Refusal(
            "GetItem",
            #"{"TableName": "abc"}"#,
            "Value null at 'key' failed to satisfy constraint: Member must not be null",
        ),
        Refusal(
            "Scan",
            #"{"TableName": "abc", "Limit": 0}"#,
            "Value '0' at 'limit' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 1",
        ),
        Refusal(
            "Scan",
            #"{"TableName": "abc", "Segment": 0, "TotalSegments": 1000001}"#,
            "Value '1000001' at 'totalSegments' failed to satisfy constraint: "
                + "Member must have value less than or equal to 1000000",
        ),
        Refusal(
            "ListTables",
            #"{"Limit": 101}"#,
            "Value '101' at 'limit' failed to satisfy constraint: "
                + "Member must have value less than or equal to 100",
        ),
        Refusal(
            "CreateTable",
            """
            {"TableName": "abc", "AttributeDefinitions": [], "KeySchema": []}
            """,
            "Value '[]' at 'keySchema' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1",
        ),
        Refusal(
            "CreateTable",
            """
            {"TableName": "abc", "AttributeDefinitions": [],
             "KeySchema": [{"AttributeName": "a", "KeyType": "SORT"}]}
            """,
            "Value 'SORT' at 'keySchema.1.member.keyType' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [HASH, RANGE]",
        ),
        Refusal(
            "BatchGetItem",
            "{}",
            "Value null at 'requestItems' failed to satisfy constraint: Member must not be null",
        ),
        Refusal(
            "BatchGetItem",
            #"{"RequestItems": {}}"#,
            "Value at 'RequestItems' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1",
        ),
        Refusal(
            "BatchGetItem",
            #"{"RequestItems": {"abc": {}}}"#,
            "Value null at 'requestItems.abc.member.keys' failed to satisfy constraint: "
                + "Member must not be null",
        ),
        Refusal(
            "BatchWriteItem",
            #"{"RequestItems": {"abc": [{"PutRequest": {}}]}}"#,
            "Value null at 'requestItems.abc.member.1.member.putRequest.item' failed to satisfy "
                + "constraint: Member must not be null",
        ),
        Refusal(
            "UpdateTable",
            #"{"TableName": "abc", "ReplicaUpdates": []}"#,
            "Value '[]' at 'replicaUpdates' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1",
        ),
        Refusal(
            "UpdateTable",
            #"{"TableName": "abc", "ReplicaUpdates": [{"Update": {}}]}"#,
            "Value null at 'replicaUpdates.1.member.update.regionName' failed to satisfy "
                + "constraint: Member must not be null",
        ),
    ])
    func `a violated constraint is named`(refusal: Refusal) {
        let expected = ServiceError.validation("1 validation error detected: \(refusal.message)")
        #expect(failure(refusal.operation, refusal.body) == expected)
    }

    @Test func `violations are reported together`() {
        let body = #"{"ExclusiveStartTableName": ";", "Limit": 0}"#
        let message =
            "3 validation errors detected: "
            + "Value '0' at 'limit' failed to satisfy constraint: "
            + "Member must have value greater than or equal to 1; "
            + "Value ';' at 'exclusiveStartTableName' failed to satisfy constraint: "
            + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
            + "Value ';' at 'exclusiveStartTableName' failed to satisfy constraint: "
            + "Member must have length greater than or equal to 3"
        #expect(failure("ListTables", body) == .validation(message))
    }

    @Test func `a table whose items are asked for is named by 1 to 1,024 bytes, then by a name`() {
        let empty =
            "2 validation errors detected: "
            + "Value '' at 'tableName' failed to satisfy constraint: "
            + "Member must have length greater than or equal to 1; "
            + "Value null at 'key' failed to satisfy constraint: Member must not be null"
        #expect(failure("UpdateItem", #"{"TableName": ""}"#) == .validation(empty))
        let noKey =
            "1 validation error detected: "
            + "Value null at 'key' failed to satisfy constraint: Member must not be null"
        #expect(failure("GetItem", #"{"TableName": "a!"}"#) == .validation(noKey))
        let form =
            "2 validation errors detected: "
            + "Value 'a!' at 'tableName' failed to satisfy constraint: "
            + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
            + "Value 'a!' at 'tableName' failed to satisfy constraint: "
            + "Member must have length greater than or equal to 3"
        #expect(failure("GetItem", #"{"TableName": "a!", "Key": {}}"#) == .validation(form))
    }

    @Test func `the write capacity is reported before the read capacity`() {
        let body = """
            {"TableName": "abc", "ProvisionedThroughput":
             {"ReadCapacityUnits": 0, "WriteCapacityUnits": -1}}
            """
        let message =
            "2 validation errors detected: "
            + "Value '-1' at 'provisionedThroughput.writeCapacityUnits' failed to satisfy "
            + "constraint: Member must have value greater than or equal to 1; "
            + "Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy "
            + "constraint: Member must have value greater than or equal to 1"
        #expect(failure("UpdateTable", body) == .validation(message))
    }

    @Test func `constraints come before attribute values and those before the operation's rules`() {
        let value = #""Item": {"a": {"N": "x"}}, "ReturnValues": "ALL_NEW""#
        #expect(
            failure("PutItem", #"{"TableName": "a", \#(value)}"#)?.message
                .hasPrefix("1 validation error detected") == true
        )
        #expect(
            failure("PutItem", #"{"TableName": "abc", \#(value)}"#)
                == .validation("The parameter cannot be converted to a numeric value: x").counted
        )
        #expect(
            failure("PutItem", #"{"TableName": "abc", "Item": {}, "ReturnValues": "ALL_NEW"}"#)
                == .validation("ReturnValues can only be ALL_OLD or NONE").counted
        )
    }

    @Test func `a name of 255 characters is the longest`() {
        let name = String(repeating: "a", count: 255)
        #expect(failure("DescribeTable", #"{"TableName": "\#(name)"}"#) == nil)
        #expect(
            failure("DescribeTable", #"{"TableName": "\#(name)a"}"#)?.message
                .hasSuffix("Member must have length less than or equal to 255") == true
        )
    }

    @Test func `an ARN stands for the table it names`() throws {
        let body = #"{"TableName": "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"}"#
        guard case .describeTable(let request) = try decode("DescribeTable", body) else {
            throw WrongOperation()
        }
        #expect(request.tableName == "orders")
    }
}
