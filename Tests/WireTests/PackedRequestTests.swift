import Items
import JSON
import Testing
import Wire

/// Requests whose items go from JSON into their stored form, beside the same requests read as trees.
@Suite struct PackedRequestTests {
    /// An operation, a usual body, and how many of its items and keys need no tree.
    struct Usual: CustomStringConvertible, Sendable {
        let operation: OperationName
        let body: String
        let packed: Int

        var description: String { operation.rawValue }
    }

    private static let item =
        #"{"pk":{"S":"user-1"},"sk":{"N":"-12.50"},"é":{"BOOL":true},"z":{"NULL":true},"n":{"N":"7e3"}}"#
    private static let key = #"{"pk":{"S":"user-1"},"sk":{"N":"0.5"}}"#
    private static let usual = [
        Usual(
            operation: .putItem,
            body: #"{"TableName":"abc","Item":\#(item),"ReturnValues":"ALL_OLD"}"#,
            packed: 1,
        ),
        Usual(
            operation: .updateItem,
            body: """
                {"Key":\(key),"TableName":"abc","UpdateExpression":"SET a = :a",\
                "ExpressionAttributeValues":{":a":{"N":"1"}}}
                """,
            packed: 1,
        ),
        Usual(
            operation: .deleteItem,
            body: #"{"TableName":"abc","Key":\#(key)}"#,
            packed: 1,
        ),
        Usual(
            operation: .transactWriteItems,
            body: """
                {"TransactItems":[{"Put":{"TableName":"abc","Item":\(item)}},\
                {"Delete":{"TableName":"abc","Key":\(key)}},\
                {"Update":{"TableName":"abd","Key":\(key),"UpdateExpression":"REMOVE a"}},\
                {"ConditionCheck":{"TableName":"abe","Key":\(key),"ConditionExpression":"a = b"}}]}
                """,
            packed: 4,
        ),
    ]

    /// What a mutation puts in: what is special to JSON, to values or to both paths.
    private static let snippets = [
        "", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0061", "null", "true", "0", "-", "e9",
        ".",
        #"{"S":"a"}"#, #"{"N":"1"}"#, #"{"L":[]}"#, #"{"M":{}}"#, #"{"SS":["a"]}"#,
        #"{"B":"YQ=="}"#,
        #""Item":{"#, #""Key":{"#, #""pk":{"S":"b"},"#, #""pk":null,"#, "é", "\u{0}", " ",
    ]

    private enum Outcome: Equatable {
        case request([Item], faults: [ServiceError?])
        case failure(String, String)
    }

    private func outcome(_ decode: () throws(ServiceError) -> AnyRequest) -> Outcome {
        do throws(ServiceError) {
            let request = try decode()
            return .request(items(of: request), faults: faults(of: request))
        } catch {
            return .failure(error.code, error.message)
        }
    }

    private func items(of request: AnyRequest) -> [Item] {
        switch request {
        case .putItem(let request): return [request.item]
        case .updateItem(let request): return [request.key]
        case .deleteItem(let request): return [request.key]
        case .transactWriteItems(let request):
            return request.actions.map { action in
                switch action.kind {
                case .put(let item): item
                case .update(let key, _), .delete(let key), .conditionCheck(let key): key
                }
            }
        default: return []
        }
    }

    private func faults(of request: AnyRequest) -> [ServiceError?] {
        guard case .transactWriteItems(let request) = request else { return [] }
        return request.actions.map(\.fault)
    }

    private func packedCount(_ value: JSONValue) -> Int {
        switch value {
        case .packed: 1
        case .array(let values): values.reduce(0) { $0 + packedCount($1) }
        case .object(let members): members.reduce(0) { $0 + packedCount($1.value) }
        default: 0
        }
    }

    private func expectSame(_ operation: OperationName, _ body: [UInt8]) {
        let packed = outcome { () throws(ServiceError) in
            try RequestDecoder.decode(operation, body: body)
        }
        let plain = outcome { () throws(ServiceError) in
            try RequestDecoder.decode(operation, RequestDecoder.parse(body))
        }
        #expect(packed == plain, "\(operation) \(String(decoding: body, as: UTF8.self))")
    }

    @Test(arguments: usual)
    func `what clients send needs no tree of its items`(request: Usual) throws {
        let body = Array(request.body.utf8)
        let parsed = try RequestDecoder.parse(body, for: request.operation)
        #expect(packedCount(parsed) == request.packed)
        #expect(packedCount(try RequestDecoder.parse(body)) == 0)
        expectSame(request.operation, body)
    }

    @Test(arguments: usual)
    func `whatever is wrong with a body, both ways answer the same`(request: Usual) {
        var random = SplitMix(seed: 3)
        let whole = Array(request.body.utf8)
        for _ in 0..<4_000 {
            var body = whole
            for _ in 0...random.below(3) {
                let start = random.below(body.count)
                let end = min(body.count, start + random.below(4))
                let snippet = Self.snippets[random.below(Self.snippets.count)]
                body.replaceSubrange(start..<end, with: snippet.utf8)
            }
            expectSame(request.operation, body)
        }
    }
}
