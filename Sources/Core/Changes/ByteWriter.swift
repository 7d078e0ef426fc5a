package import Causality

/// Appends values in the project's binary form: integers big-endian, lengths before contents.
package struct ByteWriter: Sendable {
    package var bytes: [UInt8]

    package init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    package mutating func uint16(_ value: UInt16) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func uint32(_ value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func uint64(_ value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// An unsigned count in 1 to 10 bytes, seven bits each, least first.
    package mutating func count(_ value: Int) {
        precondition(value >= 0, "a count is not negative")
        var rest = UInt(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func raw(_ value: some Collection<UInt8>) {
        bytes.append(contentsOf: value)
    }

    // Of the two that nearly all callers have, other modules would get the generic form, which
    // appends byte by byte.

    package mutating func raw(_ value: [UInt8]) {
        bytes.append(contentsOf: value)
    }

    package mutating func raw(_ value: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: value)
    }

    package mutating func block(_ value: [UInt8]) {
        count(value.count)
        bytes.append(contentsOf: value)
    }

    package mutating func block(_ value: UnsafeRawBufferPointer) {
        count(value.count)
        bytes.append(contentsOf: value)
    }

    package mutating func text(_ value: String) {
        var copy = value
        copy.withUTF8 { buffer in
            count(buffer.count)
            bytes.append(contentsOf: buffer)
        }
    }

    package mutating func time(_ value: HybridTime) {
        uint64(value.rawValue)
    }

    /// Region (one byte of length), 48 bits of start, 32 random bits: sorts like `Origin` within one
    /// region and never has one origin's bytes as a prefix of another's.
    package mutating func origin(_ value: Origin) {
        bytes.append(UInt8(value.region.utf8.count))
        var region = value.region
        region.withUTF8 { bytes.append(contentsOf: $0) }
        uint16(UInt16(truncatingIfNeeded: value.startMilliseconds >> 32))
        uint32(UInt32(truncatingIfNeeded: value.startMilliseconds))
        uint32(value.random)
    }

    package mutating func stamp(_ value: Stamp) {
        time(value.time)
        origin(value.origin)
    }

    package mutating func vector(_ value: VersionVector) {
        count(value.entries.count)
        for entry in value.entries {
            origin(entry.origin)
            time(entry.time)
        }
    }

    package mutating func ancestry(_ value: Ancestry) {
        time(value.floor)
        vector(value.vector)
    }

    package mutating func tables(_ value: [TableID]) {
        count(value.count)
        for table in value { self.table(table) }
    }

    package mutating func table(_ value: TableID) {
        uint64(value.high)
        uint64(value.low)
    }
}
