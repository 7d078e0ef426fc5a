package import Causality

/// Bytes that are not what `ByteWriter` writes: cut short, out of range, or hostile.
package struct MalformedBytes: Error, Equatable, Sendable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { "malformed bytes: \(reason)" }
}

/// Reads what `ByteWriter` wrote, checking every length against what is there.
package struct ByteReader {
    private let buffer: UnsafeRawBufferPointer
    package private(set) var offset = 0

    /// The buffer must outlive the reader.
    package init(_ buffer: UnsafeRawBufferPointer) {
        self.buffer = buffer
    }

    /// Runs a reader over an array and, if asked, insists that it reads all of it.
    package static func reading<Result>(
        _ bytes: [UInt8],
        whole: Bool = true,
        _ body: (inout ByteReader) throws(MalformedBytes) -> Result,
    ) throws(MalformedBytes) -> Result {
        let outcome: Swift.Result<Result, MalformedBytes> = bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer)
            do throws(MalformedBytes) {
                let result = try body(&reader)
                if whole, reader.remaining > 0 { throw MalformedBytes("trailing bytes") }
                return .success(result)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    package var remaining: Int { buffer.count - offset }

    package mutating func take(_ count: Int) throws(MalformedBytes) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw MalformedBytes("cut short") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
    }

    /// What was read since the reader stood at an earlier offset.
    func passed(since start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[start..<offset])
    }

    package mutating func rest() -> UnsafeRawBufferPointer {
        defer { offset = buffer.count }
        return UnsafeRawBufferPointer(rebasing: buffer[offset...])
    }

    package mutating func byte() throws(MalformedBytes) -> UInt8 {
        guard remaining > 0 else { throw MalformedBytes("cut short") }
        defer { offset += 1 }
        return buffer[offset]
    }

    package mutating func uint16() throws(MalformedBytes) -> UInt16 {
        UInt16(bigEndian: try take(2).loadUnaligned(as: UInt16.self))
    }

    package mutating func uint32() throws(MalformedBytes) -> UInt32 {
        UInt32(bigEndian: try take(4).loadUnaligned(as: UInt32.self))
    }

    package mutating func uint64() throws(MalformedBytes) -> UInt64 {
        UInt64(bigEndian: try take(8).loadUnaligned(as: UInt64.self))
    }

    package mutating func count() throws(MalformedBytes) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            value |= UInt64(next & 0x7f) << shift
            if next < 0x80 { break }
            shift += 7
            guard shift < 56 else { throw MalformedBytes("a count out of range") }
        }
        return Int(value)
    }

    /// A count of things of at least `bytesEach` bytes: more than fit into what is left is refused
    /// before anything is allocated for them.
    package mutating func count(bytesEach: Int) throws(MalformedBytes) -> Int {
        let value = try count()
        guard value <= remaining / max(bytesEach, 1) else { throw MalformedBytes("cut short") }
        return value
    }

    package mutating func block() throws(MalformedBytes) -> [UInt8] {
        let count = try count()
        return [UInt8](try take(count))
    }

    package mutating func text() throws(MalformedBytes) -> String {
        let count = try count()
        let bytes = try take(count)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw MalformedBytes("text that is not UTF-8")
        }
        return text
    }

    package mutating func time() throws(MalformedBytes) -> HybridTime {
        HybridTime(rawValue: try uint64())
    }

    package mutating func origin() throws(MalformedBytes) -> Origin {
        let count = Int(try byte())
        let bytes = try take(count)
        guard Origin.isRegion(bytes) else { throw MalformedBytes("not a region's name") }
        let region = String(decoding: bytes, as: UTF8.self)
        let start = UInt64(try uint16()) << 32 | UInt64(try uint32())
        return Origin(region: region, startMilliseconds: start, random: try uint32())
    }

    package mutating func stamp() throws(MalformedBytes) -> Stamp {
        let time = try time()
        return Stamp(time: time, origin: try origin())
    }

    package mutating func vector() throws(MalformedBytes) -> VersionVector {
        let count = try count(bytesEach: 19)
        var vector = VersionVector()
        for _ in 0..<count {
            let origin = try origin()
            vector.raise(origin, to: try time())
        }
        return vector
    }

    package mutating func ancestry() throws(MalformedBytes) -> Ancestry {
        let floor = try time()
        return Ancestry(floor: floor, vector: try vector())
    }

    package mutating func table() throws(MalformedBytes) -> TableID {
        let high = try uint64()
        return TableID(high: high, low: try uint64())
    }

    package mutating func tables() throws(MalformedBytes) -> [TableID] {
        let count = try count(bytesEach: 16)
        var tables: [TableID] = []
        tables.reserveCapacity(count)
        for _ in 0..<count { tables.append(try table()) }
        return tables
    }
}
