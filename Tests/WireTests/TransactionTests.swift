import Items
import Testing
import Wire

/// TransactWriteItems and TransactGetItems: what is read of them and what is refused.
@Suite struct TransactionTests {
    private static let put = #"{"Put": {"TableName": "abc", "Item": {"p": {"S": "x"}}}}"#
    private static let check =
        #"{"ConditionCheck": {"TableName": "abc", "Key": {"p": {"S": "x"}}, "#
        + #""ConditionExpression": "attribute_exists(p)"}}"#

    private func write(_ body: String) throws -> TransactWriteItemsRequest {
        guard case .transactWriteItems(let request) = try decode("TransactWriteItems", body)
        else { throw WrongOperation() }
        return request
    }

    @Test func `all four actions are read in their order`() throws {
        let request = try write(
            #"{"TransactItems": [\#(Self.check), \#(Self.put), "#
                + #"{"Update": {"TableName": "abc", "Key": {"p": {"S": "y"}}, "#
                + #""UpdateExpression": "SET a = :v", "ReturnValuesOnConditionCheckFailure": "#
                + #""ALL_OLD", "ExpressionAttributeValues": {":v": {"N": "1"}}}}, "#
                + #"{"Delete": {"TableName": "abc", "Key": {"p": {"S": "z"}}}}], "#
                + #""ClientRequestToken": "t", "ReturnConsumedCapacity": "TOTAL"}"#
        )
        func key(_ text: Text) -> Item { Item([Item.Attribute("p", .string(text))]) }
        #expect(
            request.actions.map(\.kind) == [
                .conditionCheck(key: key("x")), .put(item: key("x")),
                .update(key: key("y"), expression: "SET a = :v"), .delete(key: key("z")),
            ]
        )
        #expect(request.actions[0].condition == "attribute_exists(p)")
        #expect(request.actions[2].returnValuesOnConditionCheckFailure == .allOld)
        #expect(request.actions[2].values?.count == 1)
        #expect(request.clientRequestToken == "t")
        #expect(request.returnConsumedCapacity == .total)
    }

    private static let constraint = "1 validation error detected: Value "

    @Test(arguments: [
        Refusal(
            "TransactWriteItems",
            "{}",
            constraint + "null at 'transactItems' failed to satisfy constraint: "
                + "Member must not be null"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": []}"#,
            constraint + "'[]' at 'transactItems' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": ["#
                + Array(repeating: put, count: 101).joined(separator: ",") + "]}",
            constraint + "'[...]' at 'transactItems' failed to satisfy constraint: "
                + "Member must have length less than or equal to 100"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [\#(put)], "ClientRequestToken": ""}"#,
            constraint + "'' at 'clientRequestToken' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [\#(put)], "ClientRequestToken": "\#(long)"}"#,
            constraint + "'\(long)' at 'clientRequestToken' failed to satisfy constraint: "
                + "Member must have length less than or equal to 36"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [{}]}"#,
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [{"Put": {"TableName": "abc", "Item": {}}, "#
                + #""Delete": {"TableName": "abc", "Key": {}}}]}"#,
            "TransactItems can only contain one of Check, Put, Update or Delete"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [\#(put), {"Update": {"TableName": "abc", "Key": {}}}]}"#,
            constraint + "null at 'transactItems.2.member.update.updateExpression' failed to "
                + "satisfy constraint: Member must not be null"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [{"ConditionCheck": {"TableName": "abc", "Key": {}}}]}"#,
            constraint + "null at 'transactItems.1.member.conditionCheck.conditionExpression' "
                + "failed to satisfy constraint: Member must not be null"
        ),
        Refusal(
            "TransactWriteItems",
            #"{"TransactItems": [{"Delete": {"TableName": "abc", "Key": {}, "#
                + #""ReturnValuesOnConditionCheckFailure": "ALL_NEW"}}]}"#,
            constraint + "'ALL_NEW' at "
                + "'transactItems.1.member.delete.returnValuesOnConditionCheckFailure' failed to "
                + "satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]"
        ),
        Refusal(
            "TransactGetItems",
            #"{"TransactItems": [{}]}"#,
            constraint + "null at 'transactItems.1.member.get' failed to satisfy constraint: "
                + "Member must not be null"
        ),
        Refusal(
            "TransactGetItems",
            #"{"TransactItems": [{"Get": {"TableName": "abc"}}]}"#,
            constraint + "null at 'transactItems.1.member.get.key' failed to satisfy "
                + "constraint: Member must not be null"
        ),
    ])
    func `what cannot be asked is refused`(refusal: Refusal) {
        #expect(failure(refusal.operation, refusal.body) == .validation(refusal.message))
    }

    private static let long = String(repeating: "x", count: 37)

    @Test(arguments: ["TransactWriteItems", "TransactGetItems"])
    func `types come before everything else`(operation: String) {
        for items in ["1", "{}", #""x""#, "[1]", "[[]]"] {
            let error = failure(operation, #"{"TransactItems": \#(items)}"#)
            #expect(error?.code == "SerializationException")
        }
    }

    @Test func `items stand in the order of the request, missing ones empty`() throws {
        let item = Item([Item.Attribute("a", .string("x"))])
        let response = TransactGetItemsResponse(items: [nil, .item(item)])
        #expect(try text(response) == #"{"Responses":[{},{"Item":{"a":{"S":"x"}}}]}"#)
    }

    @Test func `capacity says of which kind it is`() throws {
        func told(_ shape: ReturnConsumedCapacity, _ kind: ConsumedCapacity.Kind) throws -> String {
            let capacity = ConsumedCapacity(
                shape,
                tableName: "abc",
                table: CapacityUnits.write(bytes: 1).transactional,
                kind: kind,
            )
            return try text(
                TransactWriteItemsResponse(consumedCapacity: [capacity].compactMap(\.self))
            )
        }
        #expect(try told(.none, .write) == "{}")
        #expect(
            try told(.total, .write)
                == #"{"ConsumedCapacity":[{"TableName":"abc","CapacityUnits":2.0,"#
                + #""WriteCapacityUnits":2.0}]}"#
        )
        #expect(
            try told(.indexes, .read)
                == #"{"ConsumedCapacity":[{"TableName":"abc","CapacityUnits":2.0,"#
                + #""ReadCapacityUnits":2.0,"Table":{"CapacityUnits":2.0,"#
                + #""ReadCapacityUnits":2.0}}]}"#
        )
    }

    @Test func `a cancelled transaction says why, action by action`() {
        let item = Item([Item.Attribute("a", .bool(true))])
        let error = ServiceError.transactionCancelled([
            .none, CancellationReason(.conditionFailed(item: item)),
            CancellationReason(.keyMismatch),
        ])
        #expect(
            String(decoding: ErrorResponse(error).body, as: UTF8.self)
                == #"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","#
                + #""Message":"Transaction cancelled, please refer cancellation reasons for "#
                + #"specific reasons [None, ConditionalCheckFailed, ValidationError]","#
                + #""CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","#
                + #""Message":"The conditional request failed","Item":{"a":{"BOOL":true}}},"#
                + #"{"Code":"ValidationError","#
                + #""Message":"The provided key element does not match the schema"}]}"#
        )
    }
}
