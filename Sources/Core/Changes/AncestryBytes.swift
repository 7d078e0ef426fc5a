package import Causality
import Items

/// An origin where it lies, as `ByteWriter.origin` writes it: equal bytes are equal origins.
package struct OriginBytes {
    package let bytes: UnsafeRawBufferPointer

    /// Of start and random bits, behind the region's name.
    fileprivate static let incarnationBytes = 10

    /// Of bytes that hold an origin, and outlive this.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// What reads as an origin; nil for anything else.
    init?(_ reader: inout ByteReader) {
        let start = reader.offset
        guard let count = try? reader.byte(), let region = try? reader.take(Int(count)),
            (1...Origin.regionBytesMax).contains(region.count),
            region.allSatisfy(Origin.isRegionByte),
            (try? reader.take(OriginBytes.incarnationBytes)) != nil
        else { return nil }
        bytes = reader.passed(since: start)
    }

    package static func == (left: OriginBytes, right: OriginBytes) -> Bool {
        ByteOrder.compare(left.bytes, right.bytes) == 0
    }

    /// In the order of `Origin`: the region's name first, without its length.
    fileprivate static func < (left: OriginBytes, right: OriginBytes) -> Bool {
        let order = ByteOrder.compare(left.region, right.region)
        if order != 0 { return order < 0 }
        return ByteOrder.compare(left.bytes, right.bytes) < 0
    }

    private var region: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - OriginBytes.incarnationBytes])
    }
}

extension Origin {
    /// Calls `body` with the origin's bytes, which are only there during the call.
    package func withBytes<Result>(_ body: (OriginBytes) throws -> Result) rethrows -> Result {
        var writer = ByteWriter(reserving: 64)
        writer.origin(self)
        return try writer.bytes.withUnsafeBytes { try body(OriginBytes($0)) }
    }
}

/// An ancestry where it lies in a change or a stored version, to be compared as it is.
///
/// Only one that `ByteWriter.ancestry` could have written: sorted, each origin once, nothing at or
/// below the floor. So its bytes can stand for the value that they decode to.
package struct AncestryBytes {
    package let floor: HybridTime
    private let entries: UnsafeRawBufferPointer
    private let count: Int

    /// Most entries that are compared with each other; vectors are short, since floors rise.
    private static let entriesMax = 16

    /// Nil for bytes that are no ancestry, or not as they would be written.
    init?(_ reader: inout ByteReader) {
        // One byte: a longer form of a small count is none that is written.
        guard let floor = try? reader.time(), let count = (try? reader.byte()).map(Int.init),
            count <= AncestryBytes.entriesMax
        else { return nil }
        let start = reader.offset
        var last: OriginBytes?
        for _ in 0..<count {
            guard let origin = OriginBytes(&reader), let time = try? reader.time(), time > floor
            else { return nil }
            if let last, !(last < origin) { return nil }
            last = origin
        }
        self.floor = floor
        self.count = count
        entries = reader.passed(since: start)
    }

    /// The time for an origin; zero where there is none.
    package subscript(origin: OriginBytes) -> HybridTime {
        var found = HybridTime.zero
        forEach { entry, time in
            if entry == origin { found = time }
        }
        return found
    }

    package func covers(_ time: HybridTime, of origin: OriginBytes) -> Bool {
        time <= floor || self[origin] >= time
    }

    /// Whether the other adds nothing to this one when they are joined.
    func holds(_ other: AncestryBytes) -> Bool {
        guard floor >= other.floor else { return false }
        var isHeld = true
        other.forEach { origin, time in
            if !covers(time, of: origin) { isHeld = false }
        }
        return isHeld
    }

    /// Appends, as `ByteWriter.ancestry` does, the ancestry of a write at `time` that is above `floor`:
    /// what it was written over had seen, all of everyone through `floor`, and itself.
    static func append(
        ofWriteOver old: AncestryBytes?,
        raisedTo floor: HybridTime,
        by own: OriginBytes,
        at time: HybridTime,
        to writer: inout ByteWriter,
    ) {
        let floor = max(floor, old?.floor ?? .zero)
        writer.time(floor)
        let place = writer.bytes.count
        // At most one more than are compared: a count of one byte, filled in when it is known.
        writer.byte(0)
        var isOwnAdded = false
        old?.forEach { origin, seen in
            if !isOwnAdded, !(origin < own) {
                add(own, origin == own ? max(time, seen) : time, to: &writer, countedAt: place)
                isOwnAdded = true
            }
            if seen > floor, !(origin == own) {
                add(origin, seen, to: &writer, countedAt: place)
            }
        }
        if !isOwnAdded { add(own, time, to: &writer, countedAt: place) }
    }

    private static func add(
        _ origin: OriginBytes,
        _ time: HybridTime,
        to writer: inout ByteWriter,
        countedAt place: Int,
    ) {
        writer.raw(origin.bytes)
        writer.time(time)
        writer.bytes[place] += 1
    }

    private func forEach(_ body: (OriginBytes, HybridTime) -> Void) {
        var place = 0
        for _ in 0..<count {
            let end = place + 1 + Int(entries[place]) + OriginBytes.incarnationBytes
            let origin = OriginBytes(UnsafeRawBufferPointer(rebasing: entries[place..<end]))
            let time = entries.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            body(origin, HybridTime(rawValue: UInt64(bigEndian: time)))
            place = end + 8
        }
    }
}
