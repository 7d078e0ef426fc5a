import JSON
import Testing

struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test(arguments: [
        ("null", JSONValue.null),
        (" true\n", .bool(true)),
        ("false", .bool(false)),
        ("0", .number("0")),
        ("-0.50e+12", .number("-0.50e+12")),
        ("12345678901234567890123456789", .number("12345678901234567890123456789")),
        ("\"\"", .string("")),
        ("\"déjà vu 漢字 🦊\"", .string("déjà vu 漢字 🦊")),
        (#""a\"\\\/\b\f\n\r\té🦊z""#, .string("a\"\\/\u{8}\u{c}\n\r\té🦊z")),
        ("[]", .array([])),
        ("[ 1 , [ ] , {} ]", .array([.number("1"), .array([]), .object([])])),
        (
            #"{"a":1,"a":2 , "b":{}}"#,
            .object([
                JSONValue.Member("a", .number("1")), JSONValue.Member("a", .number("2")),
                JSONValue.Member("b", .object([])),
            ])
        ),
    ])
    func `a text becomes its value`(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        ("", JSONError.Kind.unexpectedEnd, 0),
        ("  ", .unexpectedEnd, 2),
        ("[1", .unexpectedEnd, 2),
        ("[1,", .unexpectedEnd, 3),
        ("[1,]", .unexpectedByte, 3),
        ("{\"a\"}", .unexpectedByte, 4),
        ("{\"a\":}", .unexpectedByte, 5),
        ("{a:1}", .unexpectedByte, 1),
        ("{\"a\":1,}", .unexpectedByte, 7),
        ("tru", .unexpectedEnd, 3),
        ("trux", .unexpectedByte, 0),
        ("nullx", .trailingBytes, 4),
        ("1 2", .trailingBytes, 2),
        ("01", .invalidNumber, 0),
        ("-", .invalidNumber, 0),
        ("1.", .invalidNumber, 0),
        ("1e", .invalidNumber, 0),
        (".5", .unexpectedByte, 0),
        ("+1", .unexpectedByte, 0),
        ("NaN", .unexpectedByte, 0),
        ("\"abc", .unexpectedEnd, 4),
        ("\"abc\\", .unexpectedEnd, 5),
        ("\"abc\\\"", .unexpectedEnd, 6),
        ("\"a\tb\"", .controlCharacter, 2),
        ("\"a\\\u{1}\"", .controlCharacter, 3),
        ("\"a\\x\"", .invalidEscape, 2),
        ("\"\\u12\"", .invalidEscape, 1),
        ("\"\\u12g4\"", .invalidEscape, 1),
        ("\"\\ud800\"", .loneSurrogate, 1),
        ("\"\\udc00\"", .loneSurrogate, 1),
        ("\"\\ud800\\u0041\"", .loneSurrogate, 1),
        ("\"\\ud800xx\"", .loneSurrogate, 1),
    ])
    func `a text that is not JSON is refused where it goes wrong`(
        text: String,
        kind: JSONError.Kind,
        offset: Int,
    ) {
        #expect(throws: JSONError(kind: kind, offset: offset)) { try parse(text) }
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80],
            [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80],
            [0xe2, 0x82], [0xc3], [0xff], [0x61, 0x62, 0xc3, 0x61],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused in plain and escaped strings`(bytes: [UInt8]) {
        let plain = [0x22] + bytes + [0x22]
        let escaped = [0x22, 0x5c, 0x6e] + bytes + [0x22]
        for text in [plain, escaped] {
            #expect(throws: JSONError(kind: .invalidUTF8, offset: 0)) {
                try JSONParser.parse(text)
            }
        }
    }

    @Test func `nesting is followed just as deep as allowed`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x5b, count: depth) + [UInt8](repeating: 0x5d, count: depth)
        }
        _ = try JSONParser.parse(nested(256))
        #expect(throws: JSONError(kind: .tooDeep, offset: 256)) {
            try JSONParser.parse(nested(257))
        }
        #expect(throws: JSONError(kind: .tooDeep, offset: 256)) {
            try JSONParser.parse([UInt8](repeating: 0x5b, count: 1_000_000))
        }
        #expect(throws: JSONError(kind: .tooDeep, offset: 1)) {
            try JSONParser.parse(nested(2), depthMax: 1)
        }
    }

    @Test func `what the writer writes the parser reads back`() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<3000 {
            let value = RandomJSON.value(&random, depth: 4)
            #expect(try JSONParser.parse(value.bytes) == value)
        }
    }

    @Test func `damaged text never traps, and what is accepted survives another round`() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<20000 {
            var bytes = RandomJSON.value(&random, depth: 3).bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(index...)
                default: bytes.insert(UInt8.random(in: 0x20...0x7f, using: &random), at: index)
                }
            }
            guard let value = try? JSONParser.parse(bytes) else { continue }
            #expect((try? JSONParser.parse(value.bytes)) == value)
        }
    }

    @Test func `UTF-8 is judged as the library judges it`() {
        var random = SplitMix64(seed: 3)
        let starts: [UInt8] = [0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf4, 0xf5]
        for _ in 0..<50000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? starts[Int.random(in: 0..<starts.count, using: &random)]
                    : UInt8.random(in: 0x60...0xc2, using: &random)
            }
            let isValid = bytes.withUnsafeBufferPointer { UTF8Text.isValid($0) }
            #expect(isValid == (String(validating: bytes, as: UTF8.self) != nil))
        }
    }
}

enum RandomJSON {
    static func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .number(String(Int.random(in: -1000...1000, using: &random)))
        case 3, 4: .string(string(&random))
        case 5:
            .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    value(&random, depth: depth - 1)
                }
            )
        default:
            .object(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    JSONValue.Member(string(&random), value(&random, depth: depth - 1))
                }
            )
        }
    }

    static func string(_ random: inout SplitMix64) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "b", "Z", "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "é", "漢", "🦊", " ", "/",
        ]
        let plain = Bool.random(using: &random)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let bound = plain ? 3 : alphabet.count
            text.append(alphabet[Int.random(in: 0..<bound, using: &random)])
        }
        return String(text)
    }
}
