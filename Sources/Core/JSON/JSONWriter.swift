/// Writes JSON text to a buffer of bytes, with the commas put in by itself.
///
/// The caller is trusted to nest calls properly: `name` before every value in an object, an `end`
/// for every `begin`. Escapes are the fewest that RFC 8259 allows; other characters go as UTF-8.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// Whether the next value or name follows another one in the same array or object.
    private var needsComma = false

    package init() {}

    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// A writer into the memory of `space`, which it takes, and of which the contents go.
    package init(taking space: inout [UInt8], capacity: Int) {
        swap(&bytes, &space)
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(capacity)
    }

    package mutating func reserveCapacity(_ count: Int) {
        bytes.reserveCapacity(count)
    }

    package mutating func beginObject() {
        begin(UInt8(ascii: "{"))
    }

    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func beginArray() {
        begin(UInt8(ascii: "["))
    }

    package mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A member's name that needs no escapes: ASCII letters and the like.
    package mutating func name(_ name: StaticString) {
        let comma = needsComma
        append(name.utf8CodeUnitCount + 4) { output in
            output.put(UInt8(ascii: ","), if: comma)
            output.put(UInt8(ascii: "\""))
            output.put(name)
            output.put(UInt8(ascii: "\""))
            output.put(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    @_disfavoredOverload
    package mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member's name given as UTF-8.
    package mutating func name(utf8: UnsafeBufferPointer<UInt8>) {
        string(utf8: utf8)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        if value.utf8.withContiguousStorageIfAvailable({ string(utf8: $0) }) != nil { return }
        var value = value
        value.withUTF8 { string(utf8: $0) }
    }

    /// A string given as UTF-8, which the caller has checked.
    package mutating func string(utf8: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(utf8)
        guard StringScan.firstSpecial(raw, from: 0) == raw.count else { return escaped(raw) }
        let comma = needsComma
        append(raw.count + 3) { output in
            output.put(UInt8(ascii: ","), if: comma)
            output.put(UInt8(ascii: "\""))
            output.put(raw)
            output.put(UInt8(ascii: "\""))
        }
        needsComma = true
    }

    /// An object of one member, a string given as UTF-8: the commonest thing in a response.
    ///
    /// The name is one that needs no escapes.
    package mutating func object(_ name: StaticString, utf8: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(utf8)
        guard StringScan.firstSpecial(raw, from: 0) == raw.count else {
            beginObject()
            self.name(name)
            escaped(raw)
            return endObject()
        }
        let comma = needsComma
        append(name.utf8CodeUnitCount + raw.count + 8) { output in
            output.put(UInt8(ascii: ","), if: comma)
            output.put(UInt8(ascii: "{"))
            output.put(UInt8(ascii: "\""))
            output.put(name)
            output.put(UInt8(ascii: "\""))
            output.put(UInt8(ascii: ":"))
            output.put(UInt8(ascii: "\""))
            output.put(raw)
            output.put(UInt8(ascii: "\""))
            output.put(UInt8(ascii: "}"))
        }
        needsComma = true
    }

    /// A string of the base64 of `binary`.
    package mutating func base64(_ binary: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.encode(binary, appendingTo: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func number(_ value: Int) {
        number(text: String(value))
    }

    /// A number by its characters, which must be a JSON number.
    package mutating func number(text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        value ? literal("true") : literal("false")
    }

    package mutating func null() {
        literal("null")
    }

    /// JSON text that is written already.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Members of an object whose JSON the caller writes itself, at most `bytesMax` bytes: many at
    /// the price of one.
    ///
    /// `write` gets where to write and whether a comma comes first; it returns how many bytes it
    /// wrote, and may have written more of the room than those.
    package mutating func members(
        bytesMax: Int,
        _ write: (_ target: UnsafeMutableRawPointer, _ needsComma: Bool) -> Int,
    ) {
        let comma = needsComma
        var written = 0
        bytes.append(addingCapacity: bytesMax) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = buffer.baseAddress else { return }
                written = write(UnsafeMutableRawPointer(start + count), comma)
                count += written
            }
        }
        needsComma = comma || written > 0
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let text): number(text: text)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        case .packed: preconditionFailure("what is packed is read, and not written")
        }
    }

    @inline(__always)
    private mutating func begin(_ bracket: UInt8) {
        let comma = needsComma
        append(2) { output in
            output.put(UInt8(ascii: ","), if: comma)
            output.put(bracket)
        }
        needsComma = false
    }

    private mutating func literal(_ text: StaticString) {
        let comma = needsComma
        append(text.utf8CodeUnitCount + 1) { output in
            output.put(UInt8(ascii: ","), if: comma)
            output.put(text)
        }
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// Appends what `write` puts, at most `bytesMax`, in one go: appending bytes one by one would
    /// check the array's ownership and room for each.
    @inline(__always)
    private mutating func append(_ bytesMax: Int, _ write: (inout ByteOutput) -> Void) {
        bytes.append(addingCapacity: bytesMax) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = buffer.baseAddress else { return }
                var output = ByteOutput(UnsafeMutableRawPointer(start + count))
                write(&output)
                count += output.count
            }
        }
    }

    /// A string with something to escape; copies runs that need none whole.
    private mutating func escaped(_ raw: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let end = StringScan.firstSpecial(raw, from: start)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[start..<end]))
            guard end < raw.count else { break }
            appendEscape(of: raw[end])
            start = end + 1
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        default:
            let low = byte & 0x0f
            let digit = low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
            bytes.append(contentsOf: [
                UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0"),
                UInt8(ascii: "0") + byte >> 4, digit,
            ])
        }
    }
}

extension JSONValue {
    /// The value as compact JSON text.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

/// Room in a buffer that is filled from the left; the caller has made enough of it.
private struct ByteOutput {
    private let start: UnsafeMutableRawPointer
    private(set) var count = 0

    @inline(__always)
    init(_ start: UnsafeMutableRawPointer) {
        self.start = start
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Writes the byte and keeps it only if told to, so that no branch depends on it.
    @inline(__always)
    mutating func put(_ byte: UInt8, if isWanted: Bool) {
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += isWanted ? 1 : 0
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}
