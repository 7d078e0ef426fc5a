import Glibc

/// Finds what has to be verified in an answer without parsing the rest.
///
/// It relies on what the load wrote itself: no string of an item contains a quote or a backslash.
enum JSONScan {
    /// The bytes of the string in `"name": {"S": "…"}`, with or without spaces, of whatever type.
    static func string(
        of name: StaticString,
        in json: UnsafeRawBufferPointer,
    ) -> UnsafeRawBufferPointer? {
        guard var position = end(ofName: name, in: json) else { return nil }
        // Past the type's two quotes to the value's first.
        for _ in 0..<3 {
            guard let quote = nextQuote(json, from: position) else { return nil }
            position = quote + 1
        }
        guard let quote = nextQuote(json, from: position) else { return nil }
        return UnsafeRawBufferPointer(rebasing: json[position..<quote])
    }

    /// Calls `body` for each object of the array that is the value of this name, with what is left
    /// of the JSON from its brace on; `body` returns how many bytes the object has.
    ///
    /// False if there is no such array, or it or an object does not end.
    static func objects(
        of name: StaticString,
        in json: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Int?,
    ) -> Bool {
        guard var position = end(ofName: name, in: json) else { return false }
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "{"):
                let rest = UnsafeRawBufferPointer(rebasing: json[position...])
                guard let count = body(rest) else { return false }
                position += count - 1
            case UInt8(ascii: "]"):
                return true
            default:
                break
            }
            position += 1
        }
        return false
    }

    /// The object that these bytes begin with, from brace to brace; nil if it does not end.
    static func object(startOf json: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        objectEnd(json, from: 0).map { UnsafeRawBufferPointer(rebasing: json[0...$0]) }
    }

    /// The object that is the value of this name, from brace to brace; nil where there is none.
    static func object(
        of name: StaticString,
        in json: UnsafeRawBufferPointer,
    ) -> UnsafeRawBufferPointer? {
        guard let start = end(ofName: name, in: json),
            let brace = json[start...].firstIndex(of: UInt8(ascii: "{")),
            let end = objectEnd(json, from: brace)
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: json[brace...end])
    }

    /// Where the object ends that begins at `brace`; nil if it does not.
    private static func objectEnd(_ json: UnsafeRawBufferPointer, from brace: Int) -> Int? {
        var depth = 0
        var position = brace
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "\""):
                guard let quote = nextQuote(json, from: position + 1) else { return nil }
                position = quote
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return position }
            default: break
            }
            position += 1
        }
        return nil
    }

    static func contains(_ text: [UInt8], in json: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.first, text.count <= json.count else { return text.isEmpty }
        return (0...(json.count - text.count)).contains { start in
            json[start] == first && json[start..<(start + text.count)].elementsEqual(text)
        }
    }

    /// Just behind the closing quote of the first member of this name.
    private static func end(ofName name: StaticString, in json: UnsafeRawBufferPointer) -> Int? {
        let length = name.utf8CodeUnitCount
        var position = 0
        while let quote = nextQuote(json, from: position) {
            let close = quote + 1 + length
            guard close < json.count, let base = json.baseAddress else { return nil }
            if json[close] == UInt8(ascii: "\""),
                memcmp(base + quote + 1, name.utf8Start, length) == 0
            {
                return close + 1
            }
            position = quote + 1
        }
        return nil
    }

    private static func nextQuote(_ json: UnsafeRawBufferPointer, from position: Int) -> Int? {
        guard position < json.count, let base = json.baseAddress,
            let found = memchr(base + position, Int32(UInt8(ascii: "\"")), json.count - position)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
