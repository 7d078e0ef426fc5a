import Glibc

/// The header fields of one request: the bytes of its head as they came, and where in them each is.
///
/// Making one allocates twice, however many fields there are; a value becomes a string when it is
/// asked for.
package struct HTTPFields: Sendable {
    /// Where a field lies in the head's bytes; the value is without the white space around it.
    struct Place: Sendable {
        let nameStart: Int32
        let nameCount: Int32
        let valueStart: Int32
        let valueCount: Int32
    }

    private let bytes: [UInt8]
    private let places: [Place]

    /// `places` lie within `bytes`, of which there are fewer than 2³¹.
    init(bytes: [UInt8], places: [Place]) {
        self.bytes = bytes
        self.places = places
    }

    init(_ fields: [(String, String)]) {
        var bytes: [UInt8] = []
        places = fields.map { name, value in
            let start = bytes.count
            bytes += name.utf8
            let middle = bytes.count
            bytes += value.utf8
            return Place(
                nameStart: Int32(start),
                nameCount: Int32(middle - start),
                valueStart: Int32(middle),
                valueCount: Int32(bytes.count - middle),
            )
        }
        self.bytes = bytes
    }

    var byteCount: Int { bytes.count }

    /// The field of this number, if its line with CR and LF is what `other` has from `start` on, and where it
    /// ends there.
    ///
    /// Only of fields that were read off a head.
    func line(
        _ index: Int,
        at start: Int,
        in other: UnsafeRawBufferPointer,
    ) -> (line: FieldLine, end: Int)? {
        guard index < places.count else { return nil }
        let place = places[index]
        // A line begins with its name. Behind the last one there is an empty line.
        let first = Int(place.nameStart)
        let next =
            index + 1 < places.count ? Int(places[index + 1].nameStart) : bytes.count - 2
        let count = next - first
        guard count <= other.count - start, let base = other.baseAddress else { return nil }
        let isSame = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp($0 + first, base + start, count) == 0 } ?? false
        }
        guard isSame else { return nil }
        let value = start + Int(place.valueStart) - first
        let line = FieldLine(
            name: start..<start + Int(place.nameCount),
            value: value..<value + Int(place.valueCount),
        )
        return (line, start + count)
    }

    /// The value of the first field of this name, whatever its case.
    func first(_ name: String) -> String? {
        withFirst(name) { String(decoding: $0, as: UTF8.self) }
    }

    /// What `body` makes of the bytes of the first field of this name; nil without one.
    func withFirst<Result>(
        _ name: String,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result,
    ) -> Result? {
        bytes.withUnsafeBufferPointer { bytes in
            guard let place = Self.first(name, of: places, in: bytes) else { return nil }
            return body(Self.value(place, in: bytes))
        }
    }

    /// Calls `body` with the bytes of each field's name and value, in the order sent.
    func forEach(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) {
        bytes.withUnsafeBytes { bytes in
            for place in places {
                let (name, value) = (Int(place.nameStart), Int(place.valueStart))
                body(
                    bytes.part(name..<name + Int(place.nameCount)),
                    bytes.part(value..<value + Int(place.valueCount)),
                )
            }
        }
    }

    /// The values of all fields of this name, in the order sent.
    subscript(name: String) -> [String] {
        bytes.withUnsafeBufferPointer { bytes in
            places.filter { Self.first(name, of: [$0], in: bytes) != nil }
                .map { String(decoding: Self.value($0, in: bytes), as: UTF8.self) }
        }
    }

    /// All names and values in the order sent.
    package var all: [(String, String)] {
        bytes.withUnsafeBufferPointer { bytes in
            places.map { place in
                (
                    String(decoding: Self.name(place, in: bytes), as: UTF8.self),
                    String(decoding: Self.value(place, in: bytes), as: UTF8.self),
                )
            }
        }
    }

    private static func first(
        _ name: String,
        of places: [Place],
        in bytes: UnsafeBufferPointer<UInt8>,
    ) -> Place? {
        var name = name
        return name.withUTF8 { wanted in
            let count = Int32(truncatingIfNeeded: wanted.count)
            return places.first { place in
                place.nameCount == count
                    && Self.name(place, in: bytes).isEqual(ignoringCaseOf: wanted)
            }
        }
    }

    private static func name(
        _ place: Place,
        in bytes: UnsafeBufferPointer<UInt8>,
    ) -> UnsafeBufferPointer<UInt8> {
        let start = Int(place.nameStart)
        return UnsafeBufferPointer(rebasing: bytes[start..<start + Int(place.nameCount)])
    }

    private static func value(
        _ place: Place,
        in bytes: UnsafeBufferPointer<UInt8>,
    ) -> UnsafeBufferPointer<UInt8> {
        let start = Int(place.valueStart)
        return UnsafeBufferPointer(rebasing: bytes[start..<start + Int(place.valueCount)])
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of `other`, of equal count, but for the case of letters.
    fileprivate func isEqual(ignoringCaseOf other: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in indices {
            let (mine, theirs) = (self[index], other[index])
            guard mine == theirs || mine ^ theirs == 32 && mine.isLetter else { return false }
        }
        return true
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= self | 32
    }
}
