import Items
import JSON
import Testing
import Wire

/// The short way of reading a GetItem, beside the one that every request can go.
@Suite struct PlainGetItemTests {
    private static let usual = [
        #"{"TableName":"users","Key":{"pk":{"S":"user-00000012"},"sk":{"S":"item-2"}}}"#,
        #"{"TableName": "a.b-c_9", "Key": {"p": {"N": "-17.250"}}, "ConsistentRead": true}"#,
        "\n{ \"ConsistentRead\" :false,\t\"Key\":{\"z\":{\"S\":\"a b\"},\"a\":{\"N\":\"1e3\"}} ,"
            + "\"TableName\":\"abc\"\r}\n",
        #"{"Key":{"p":{"S":"~ {}[]:,"}},"TableName":"ABC"}"#,
        #"{"TableName":"abc","Key":{"p":{"S":""}}}"#,
    ]

    private func long(_ body: [UInt8]) -> GetItemRequest? {
        let request = try? RequestDecoder.decode(.getItem, RequestDecoder.parse(body), in: "here")
        guard case .getItem(let request)? = request else { return nil }
        return request
    }

    /// Whether both say the same.
    private func isSame(_ short: GetItemRequest, _ long: GetItemRequest) -> Bool {
        for request in [short, long] {
            guard request.projection == nil, request.attributesToGet == nil, request.names == nil,
                request.returnConsumedCapacity == .none
            else { return false }
        }
        return short.tableName.utf8.elementsEqual(long.tableName.utf8) && short.key == long.key
            && short.consistentRead == long.consistentRead
    }

    @Test(arguments: usual)
    func `what clients send goes the short way`(body: String) throws {
        let short = try #require(GetItemRequest(plain: Array(body.utf8)))
        #expect(isSame(short, try #require(long(Array(body.utf8)))))
    }

    @Test(arguments: [
        "", "{}", #"{"TableName":"abc"}"#, #"{"Key":{"p":{"S":"a"}}}"#,
        #"{"TableName":"ab","Key":{"p":{"S":"a"}}}"#,
        #"{"TableName":"arn:aws:dynamodb:here:000000000000:table/abc","Key":{"p":{"S":"a"}}}"#,
        #"{"TableName":"abc","Key":{}}"#, #"{"TableName":"abc","Key":{"":{"S":"a"}}}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"\u0061"}}}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"é"}}}"#, #"{"TableName":"abc","Key":{"p":{"N":""}}}"#,
        #"{"TableName":"abc","Key":{"p":{"N":"x"}}}"#,
        #"{"TableName":"abc","Key":{"p":{"B":"YQ=="}}}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"},"p":{"S":"b"}}}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a","N":"1"}}}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"}},"ConsistentRead":null}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"}},"TableName":"abd"}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL"}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"}},"AttributesToGet":["a"]}"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"}}}x"#,
        #"{"TableName":"abc","Key":{"p":{"S":"a"}},}"#,
        #"{"TableName":"abc","Key":{"a":{"S":"a"},"b":{"S":"a"},"c":{"S":"a"}}}"#,
    ])
    func `the rest goes the long way`(body: String) {
        #expect(GetItemRequest(plain: Array(body.utf8)) == nil)
    }

    /// Whatever the short way takes, the long one takes to be the same.
    @Test(arguments: usual)
    func `the short way never differs from the long one`(body: String) {
        let bytes = Array(body.utf8)
        var taken = 0
        func check(_ bytes: [UInt8]) {
            guard let short = GetItemRequest(plain: bytes) else { return }
            taken += 1
            let isAgreed = long(bytes).map { isSame(short, $0) }
            #expect(isAgreed == true, "\(String(decoding: bytes, as: UTF8.self))")
        }
        forEachMutation(of: bytes, check)
        #expect(taken > 100)
    }
}

@Test func `an operation's ordinal is its place among all`() {
    for (place, name) in OperationName.allCases.enumerated() {
        #expect(name.ordinal == place)
    }
}

@Test func `each operation is found by its target, and nothing by another`() throws {
    for name in OperationName.allCases {
        let prefix =
            name.isOfStreams ? OperationName.streamsTargetPrefix : OperationName.targetPrefix
        let target = prefix + name.rawValue
        #expect(try OperationName(target: target) == name)
        for wrong in [target + "s", String(target.dropLast()), target.lowercased(), name.rawValue] {
            #expect(throws: ServiceError.self) { try OperationName(target: wrong) }
        }
    }
    #expect(throws: ServiceError.self) { try OperationName(target: "") }
    #expect(throws: ServiceError.self) {
        try OperationName(target: String(repeating: "x", count: 10_000))
    }
}
