import JSON
import Testing

struct JSONWriterTests {
    @Test func `commas stand between members and elements only`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.beginArray()
        writer.number(1)
        writer.number(text: "2.50")
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.null()
        writer.endArray()
        writer.name("b" as String)
        writer.bool(true)
        writer.name("c")
        writer.object("S", utf8: UnsafeBufferPointer(start: nil, count: 0))
        writer.name("d")
        writer.raw(Array("{}".utf8))
        writer.name("e")
        [0, 1].withUnsafeBufferPointer { writer.base64($0) }
        writer.endObject()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(
            text == #"{"a":[1,2.50,{},[],null],"b":true,"c":{"S":""},"d":{},"e":"AAE="}"#
        )
    }

    @Test func `only quotes, backslashes and control characters are escaped`() {
        let value = JSONValue.string("a\"b\\c/\u{1}\u{1f}\n\r\t\u{8}\u{c}\u{7f}é\u{2028}🦊")
        let text = String(decoding: value.bytes, as: UTF8.self)
        #expect(
            text == #""a\"b\\c/\u0001\u001f\n\r\t\b\f"# + "\u{7f}é\u{2028}🦊\""
        )
    }

    @Test(arguments: 0...40) func `an escape is found wherever it stands`(place: Int) {
        let text = String(repeating: "x", count: place) + "\"" + String(repeating: "y", count: 20)
        let expected = "\"" + text.split(separator: "\"").joined(separator: "\\\"") + "\""
        guard place > 0 else { return }
        #expect(String(decoding: JSONValue.string(text).bytes, as: UTF8.self) == expected)
        var writer = JSONWriter()
        Array(text.utf8).withUnsafeBufferPointer { writer.object("S", utf8: $0) }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "{\"S\":\(expected)}")
    }
}
