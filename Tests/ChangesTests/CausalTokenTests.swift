import Causality
import JSON
import Testing

@testable import Changes

@Suite struct CausalTokenTests {
    private func entry(_ region: String, start: UInt64, _ time: UInt64) -> VersionVector.Entry {
        let origin = Origin(region: region, startMilliseconds: start, random: 7)
        return VersionVector.Entry(origin: origin, time: HybridTime(milliseconds: time))
    }

    private var token: CausalToken {
        CausalToken([entry("us-east-1", start: 5, 90), entry("eu-west-1", start: 3, 80)])
    }

    @Test func `text is read back`() throws {
        let text = try #require(token.text)
        #expect(try CausalToken(text: text) == token)
        #expect(token.entries.map(\.origin.region) == ["eu-west-1", "us-east-1"])
    }

    @Test func `the latest incarnation of a region stands for all`() {
        var token = token
        token.include(entry("us-east-1", start: 4, 99))
        #expect(token == self.token)
        token.include(entry("us-east-1", start: 6, 70))
        #expect(token.entries.last == entry("us-east-1", start: 6, 70))
        token.include(entry("us-east-1", start: 6, 60))
        #expect(token.entries.last == entry("us-east-1", start: 6, 70))
    }

    @Test func `tokens separated by commas are joined`() throws {
        let first = try #require(
            CausalToken([entry("a", start: 1, 10), entry("b", start: 1, 20)]).text
        )
        let second = try #require(CausalToken([entry("b", start: 1, 30)]).text)
        let joined = try CausalToken(text: "\(first), \(second)")
        #expect(joined == CausalToken([entry("a", start: 1, 10), entry("b", start: 1, 30)]))
    }

    @Test func `a changed byte is found out`() throws {
        let text = try #require(token.text)
        let bytes = try #require(Base64.decode(text))
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: MalformedBytes.self) {
                    try CausalToken(text: Base64.encode(changed))
                }
            }
        }
    }

    @Test func `what is cut short, too long or no base 64 is refused`() throws {
        let text = try #require(token.text)
        let bytes = try #require(Base64.decode(text))
        for count in bytes.indices {
            #expect(throws: MalformedBytes.self) {
                try CausalToken(text: Base64.encode(Array(bytes[..<count])))
            }
        }
        for text in ["?", ",", String(repeating: "A", count: CausalToken.textBytesMax + 4)] {
            #expect(throws: MalformedBytes.self) { try CausalToken(text: text) }
        }
    }

    @Test func `more regions than a token can have make none`() {
        let entries = (0...CausalToken.entriesMax).map { entry("r\($0)", start: 1, 1) }
        #expect(CausalToken(entries).text == nil)
        #expect(CausalToken(entries.dropLast()).text != nil)
    }
}
