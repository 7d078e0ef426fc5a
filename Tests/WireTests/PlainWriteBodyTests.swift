import Items
import JSON
import Testing
import Wire

/// The short way of reading a put or an update, beside the one that every request can go.
@Suite struct PlainWriteBodyTests {
    struct Usual: CustomStringConvertible, Sendable {
        let operation: OperationName
        let body: String

        var description: String { body }

        static func put(_ body: String) -> Usual { Usual(operation: .putItem, body: body) }
        static func update(_ body: String) -> Usual { Usual(operation: .updateItem, body: body) }
    }

    private static let usual: [Usual] = [
        .put(#"{"TableName":"users","Item":{"pk":{"S":"user-12"},"n":{"N":"-1.50"}}}"#),
        .put(#"{"Item": {"é": {"S": "ü"}, "b": {"BOOL": true}}, "TableName": "a.b-c_9"}"#),
        .put(
            """
            {"TableName":"abc","Item":{"p":{"S":""}},"ConditionExpression":"#n = :v OR a < :w",\
            "ExpressionAttributeNames":{"#n":"name"},"ReturnValues":"ALL_OLD",\
            "ExpressionAttributeValues":{":v":{"S":"x y"},":w":{"N":"7e2"}}}
            """
        ),
        .update(#"{"TableName":"users","Key":{"pk":{"S":"user-12"},"n":{"N":"-1.50"}}}"#),
        .update(
            """
            \n{ "TableName" : "users","Key":{"pk":{"S":"user-12"},"sk":{"S":"item-2"}},\t
            "UpdateExpression":"SET visits = visits + :one, #s = :seen",
            "ConditionExpression":"attribute_exists(pk)","ReturnValues":"UPDATED_NEW",
            "ExpressionAttributeNames":{"#s":"seen"},
            "ExpressionAttributeValues":{":one":{"N":"1"},":seen":{"S":"s"}}}
            """
        ),
        .update(#"{"TableName":"abc","Key":{"p":{"N":"1"}},"ReturnValues":"ALL_NEW"}"#),
    ]

    /// A usual update with so many values.
    private static func update(values: Int) -> Usual {
        let entries = (0..<values).map { "\":v\($0)\":{\"N\":\"\($0)\"}" }
        let actions = (0..<values).map { "a\($0) = :v\($0)" }
        return .update(
            """
            {"TableName":"abc","Key":{"p":{"S":"a"}},"UpdateExpression":\
            "SET \(actions.joined(separator: ","))",\
            "ExpressionAttributeValues":{\(entries.joined(separator: ","))}}
            """
        )
    }

    /// A usual put with a name of so many bytes behind a placeholder.
    private static func put(nameBytes: Int) -> Usual {
        .put(
            """
            {"TableName":"abc","Item":{"p":{"S":"a"}},"ConditionExpression":"attribute_exists(#a)",\
            "ExpressionAttributeNames":{"#a":"\(String(repeating: "n", count: nameBytes))"}}
            """
        )
    }

    /// All that a request says.
    private func text(_ request: AnyRequest?) -> String? {
        switch request {
        case .putItem(let request):
            "\(request.item.attributes) \(request.item.encoded()) \(request)"
        case .updateItem(let request):
            "\(request.key.attributes) \(request.key.encoded()) \(request)"
        default: nil
        }
    }

    private func short(_ body: [UInt8], _ operation: OperationName) -> String? {
        text(AnyRequest(plain: body, for: operation))
    }

    /// The item or key, read without its being packed on the way.
    private func item(_ body: [UInt8], _ operation: OperationName) throws -> String {
        let request = try RequestDecoder.decode(
            operation,
            RequestDecoder.parse(body),
            in: "here",
        )
        return switch request {
        case .putItem(let request): "\(request.item.attributes) \(request.item.encoded()) "
        case .updateItem(let request): "\(request.key.attributes) \(request.key.encoded()) "
        default: ""
        }
    }

    private func long(_ body: [UInt8], _ operation: OperationName) -> String? {
        text(
            try? RequestDecoder.decode(
                operation,
                RequestDecoder.parse(body, for: operation),
                in: "here",
            )
        )
    }

    @Test(arguments: usual + [update(values: 1), update(values: 8), put(nameBytes: 255)])
    func `what clients send goes the short way`(usual: Usual) throws {
        let body = Array(usual.body.utf8)
        let request = try #require(short(body, usual.operation))
        #expect(request == long(body, usual.operation))
        #expect(request.hasPrefix(try item(body, usual.operation)))
    }

    @Test(arguments: [update(values: 9), put(nameBytes: 256)])
    func `what is larger than usual goes the long way`(usual: Usual) {
        let body = Array(usual.body.utf8)
        #expect(short(body, usual.operation) == nil)
        #expect(long(body, usual.operation) != nil)
    }

    @Test(arguments: [
        Usual.put(""), .put("{}"), .put(#"{"TableName":"abc"}"#),
        .put(#"{"Item":{"p":{"S":"a"}}}"#),
        .put(#"{"TableName":"ab","Item":{"p":{"S":"a"}}}"#),
        .put(
            #"{"TableName":"arn:aws:dynamodb:here:000000000000:table/abc","Item":{"p":{"S":"a"}}}"#
        ),
        .put(#"{"TableName":"abc","Item":{}}"#), .put(#"{"TableName":"abc","Item":null}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"L":[]}}}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"\u0061"}}}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"N":"x"}}}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"Item":{"p":{"S":"a"}}}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"ReturnValues":"ALL_NEW"}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"ReturnValues":"x"}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"UpdateExpression":"REMOVE a"}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL"}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"ConditionExpression":"é = a"}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"ExpressionAttributeNames":{}}"#),
        .put(##"{"TableName":"abc","Item":{"p":{"S":"a"}},"ExpressionAttributeNames":{"#a":""}}"##),
        .put(
            """
            {"TableName":"abc","Item":{"p":{"S":"a"}},\
            "ExpressionAttributeValues":{":a":{"B":"YQ=="}}}
            """
        ),
        .put(
            """
            {"TableName":"abc","Item":{"p":{"S":"a"}},\
            "ExpressionAttributeValues":{":a":{"S":"a"},":a":{"S":"b"}}}
            """
        ),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}},"Expected":{}}"#),
        .put(#"{"TableName":"abc","Item":{"p":{"S":"a"}}}x"#),
        .update(#"{"TableName":"abc","Item":{"p":{"S":"a"}}}"#),
        .update(#"{"TableName":"abc","Key":{"p":{"S":"a"}},"AttributeUpdates":{}}"#),
        .update(#"{"TableName":"abc","Key":{"p":{"S":"a"}},"UpdateExpression":null}"#),
    ])
    func `the rest goes the long way`(usual: Usual) {
        #expect(short(Array(usual.body.utf8), usual.operation) == nil)
    }

    /// Whatever the short way takes, the long one takes to be the same.
    @Test(arguments: usual)
    func `the short way never differs from the long one`(usual: Usual) {
        let bytes = Array(usual.body.utf8)
        var taken = 0
        func check(_ bytes: [UInt8]) {
            guard let short = short(bytes, usual.operation) else { return }
            taken += 1
            #expect(
                short == long(bytes, usual.operation),
                "\(String(decoding: bytes, as: UTF8.self))"
            )
        }
        forEachMutation(of: bytes, check)
        #expect(taken > 100)
    }
}

/// The answers that most writes get.
@Test func `an answer that says nothing is what the writer makes of it`() throws {
    func written(_ response: some OperationResponse) throws -> [UInt8] {
        var writer = JSONWriter()
        try response.write(to: &writer)
        return writer.bytes
    }
    #expect(PutItemResponse().isEmpty && UpdateItemResponse().isEmpty)
    #expect(try PutItemResponse().body() == written(PutItemResponse()))
    #expect(try UpdateItemResponse().body() == written(UpdateItemResponse()))
    let said = PutItemResponse(attributes: Item([Item.Attribute("a", .null)]))
    #expect(!said.isEmpty)
    #expect(try said.body() == written(said))
    #expect(!UpdateItemResponse(attributes: Item([Item.Attribute("a", .null)])).isEmpty)
}
