import Causality
import Changes
import Items
import JSON

/// Values that the peer port's JSON is made of.
extension JSONValue {
    static func integer(_ value: UInt64) -> JSONValue {
        .number(String(value))
    }

    var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    /// The bytes of a string of hexadecimal digits.
    var hexadecimal: [UInt8]? {
        guard case .string(let text) = self, text.utf8.count % 2 == 0 else { return nil }
        let digits = Array(text.utf8)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// A string of hexadecimal digits.
    static func hexadecimal(_ bytes: [UInt8]) -> JSONValue {
        .string(bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined())
    }

    /// An item as the API writes it; null for none.
    static func item(_ item: Item?) throws -> JSONValue {
        guard let item else { return .null }
        var writer = JSONWriter(capacity: 256)
        item.write(to: &writer)
        return try JSONParser.parse(writer.bytes)
    }
    /// What is shown of a version.
    static func members(of version: Version) throws -> [JSONValue.Member] {
        let stamp: [JSONValue.Member] = [
            .init("time", .string(version.stamp.time.description)),
            .init("milliseconds", .integer(version.stamp.time.milliseconds)),
            .init("origin", .string(version.stamp.origin.description)),
        ]
        let image = try version.image.map { try Item(decoding: $0) }
        return [
            .init("stamp", .object(stamp)),
            .init("floor", .string(version.ancestry.floor.description)),
            .init("vector", vector(version.ancestry.vector)),
            .init("item", try item(image)),
        ]
    }

    static func vector(_ vector: VersionVector) -> JSONValue {
        .object(
            vector.entries.map { .init($0.origin.description, .string($0.time.description)) }
        )
    }
}
