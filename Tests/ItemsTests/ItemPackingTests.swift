import JSON
import Testing

@testable import Items

/// The quick way from JSON to the stored form, against the one by way of trees and values.
struct ItemPackingTests {
    private static let packing = JSONPacking(depth: 1, names: ["Item"], pack: ItemPacking.pack)

    private enum Outcome: Equatable {
        case item(bytes: [UInt8], sizeBytes: Int)
        case wrongJSON(JSONError)
        case wrongValue(AttributeValueError)
    }

    /// What becomes of the item in a text, and whether it was packed.
    private func outcome(_ text: [UInt8], packing: JSONPacking?) -> (Outcome, isPacked: Bool) {
        do throws(JSONError) {
            let json = try JSONParser.parse(text, packing: packing)["Item"] ?? .null
            var isPacked = false
            if case .packed = json { isPacked = true }
            do throws(AttributeValueError) {
                let item = try Item(json: json)
                return (.item(bytes: item.encoded(), sizeBytes: item.sizeBytes), isPacked)
            } catch {
                return (.wrongValue(error), isPacked)
            }
        } catch {
            return (.wrongJSON(error), false)
        }
    }

    /// Whether the item of the text was packed.
    @discardableResult
    private func expectSame(_ text: [UInt8]) -> Bool {
        let (packed, isPacked) = outcome(text, packing: Self.packing)
        let (plain, _) = outcome(text, packing: nil)
        #expect(packed == plain, "\(String(decoding: text, as: UTF8.self))")
        if case .item = plain {} else { #expect(!isPacked) }
        return isPacked
    }

    private func isPacked(_ item: String) -> Bool {
        expectSame(Array(#"{"TableName":"t","Item":\#(item)}"#.utf8))
    }

    @Test(arguments: [
        #"{"a":{"S":"x"}}"#, #"{"a":{"S":""}}"#, #"{"é":{"S":"漢🦊"}}"#, #"{"n":{"N":"1"}}"#,
        #"{"n":{"N":"-0012.500e3"}}"#, #"{"n":{"N":"0"}}"#, #"{"n":{"N":"-0"}}"#,
        #"{"b":{"BOOL":true},"a":{"BOOL":false}}"#, #"{"b":{"NULL":true}}"#,
        " {\n\"b\" : { \"S\"\t: \"x\" } ,\r\"a\":{\"N\":\"2\"} } ",
        #"{"abcdefgh2":{"S":"x"},"abcdefgh1":{"S":"y"},"abcdefgh":{"S":"z"},"ab":{"S":""}}"#,
        #"{"n":{"N":"99999999999999999999999999999999999999"},"m":{"N":"-1e-130"}}"#,
    ])
    func `usual items are packed`(item: String) {
        #expect(isPacked(item))
    }

    @Test(arguments: [
        "{}", "[]", "1", "null", #""x""#, #"{"a":{}}"#, #"{"a":[]}"#, #"{"a":{"S":1}}"#,
        #"{"":{"S":"x"}}"#, #"{"a":{"S":"\n"}}"#, #"{"\u0061":{"S":"x"}}"#,
        #"{"a":{"\u0053":"x"}}"#,
        #"{"a":{"S":"x","N":"1"}}"#, #"{"a":{"S":"x","N":null}}"#, #"{"a":{"s":"x"}}"#,
        #"{"a":{"S":"x"},"a":{"S":"y"}}"#, #"{"a":{"N":"x"}}"#, #"{"a":{"N":"1e999"}}"#,
        #"{"a":{"N":""}}"#, #"{"a":{"N":1}}"#, #"{"a":{"NULL":false}}"#, #"{"a":{"BOOL":"true"}}"#,
        #"{"a":{"BOOL":nul}}"#, #"{"a":{"B":"AA=="}}"#, #"{"a":{"SS":["x"]}}"#, #"{"a":{"L":[]}}"#,
        #"{"a":{"M":{"b":{"S":"x"}}}}"#, #"{"a":{"S":"x"},}"#, #"{"a":{"S":"x"}"#,
        #"{"a":{"S":"x"}}}"#,
        #"{"a":{"S":"x"} "b":{"S":"y"}}"#, #"{"a":{"S":"x"}, {}}"#, #"{"a" {"S":"x"}}"#,
        #"{"a":{"S":"x""#,
        #"{"a":{"N":"123456789012345678901234567890123456789"}}"#, #"{"a":{"BOOL":truex}}"#,
    ])
    func `what is not usual goes the other way, with its errors`(item: String) {
        #expect(!isPacked(item))
    }

    @Test func `bytes that are no UTF-8, in names and values, are no JSON`() {
        for bytes: [UInt8] in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0x1f], [0]] {
            let name = Array(#"{"Item":{""#.utf8) + bytes + Array(#"":{"S":"x"}}}"#.utf8)
            let value = Array(#"{"Item":{"a":{"S":""#.utf8) + bytes + Array(#""}}}"#.utf8)
            #expect(!expectSame(name))
            #expect(!expectSame(value))
        }
    }

    @Test(arguments: [1, 2, 39, 40, 41, 100])
    func `items of so many attributes, in any order`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let attributes = (0..<count).map { number in
            switch number % 4 {
            case 0: #""name\#(number)":{"S":"\#(String(repeating: "v", count: number * 7))"}"#
            case 1: #""n\#(number)":{"N":"\#(number).5"}"#
            case 2: #""b\#(number)":{"BOOL":\#(number % 8 == 2)}"#
            default: #""\#(number)":{"NULL":true}"#
            }
        }
        for _ in 0..<20 {
            let text = attributes.shuffled(using: &random).joined(separator: ",")
            #expect(isPacked("{\(text)}") == (count <= ItemPacking.attributesMax))
        }
    }

    @Test(arguments: [1, 127, 128, 16_383, 16_384, 65_535, 65_536])
    func `names and strings of every length`(count: Int) {
        let text = String(repeating: "x", count: count)
        #expect(isPacked(#"{"a":{"S":"\#(text)"},"b":{"S":"y"}}"#))
        let isNameUsual = count <= ItemLimits.nameBytesMax
        #expect(isPacked(#"{"\#(text)":{"S":"a"},"b":{"S":"y"}}"#) == isNameUsual)
    }

    @Test func `the last of two items counts, whichever of them is packed`() {
        let (usual, other) = (#"{"a":{"S":"x"}}"#, #"{"a":{"L":[{"S":"x"}]}}"#)
        for (first, last) in [(usual, other), (other, usual), (usual, usual)] {
            expectSame(Array(#"{"Item":\#(first),"Item":\#(last)}"#.utf8))
        }
        expectSame(Array(#"{"Item":\#(usual),"Item":null}"#.utf8))
    }

    @Test func `an item under the same name at another depth is left to the tree`() throws {
        let text = #"{"x":{"Item":{"a":{"S":"x"}}},"Items":{"a":{"S":"x"}}}"#
        let plain = try JSONParser.parse(Array(text.utf8))
        #expect(try JSONParser.parse(Array(text.utf8), packing: Self.packing) == plain)
    }

    @Test func `random items, whole and with a byte changed, both ways`() {
        var random = SplitMix64(seed: 11)
        var packedCount = 0
        for _ in 0..<1_000 {
            var writer = JSONWriter()
            writer.beginObject()
            writer.name("Item")
            let item = RandomItem.item(&random, depth: Int.random(in: 0...2, using: &random))
            item.write(to: &writer)
            writer.endObject()
            var text = writer.bytes
            if expectSame(text) { packedCount += 1 }
            for _ in 0..<3 {
                let place = Int.random(in: 0..<text.count, using: &random)
                let was = text[place]
                text[place] = Array(#"{}[]:,"\SNBLM019.eE -+trufalsn"#.utf8).randomElement(
                    using: &random
                )!
                expectSame(text)
                text[place] = was
            }
            expectSame(Array(text.prefix(Int.random(in: 0..<text.count, using: &random))))
        }
        #expect(packedCount > 10)
    }
}
