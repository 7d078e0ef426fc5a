/// Which keys of one keyspace a transaction has touched: a hash table over its operations.
final class PendingKeyspace {
    /// The latest word on a key; places are offsets into the record, which may move as it grows.
    private struct Point {
        let prefix: UInt64
        let hash: UInt64
        var offset: Int
        let keyCount: UInt32
        var valueCount: Int32

        func entry(in body: UnsafeRawBufferPointer) -> Entry {
            guard let base = body.baseAddress else {
                preconditionFailure("A point lies in its record.")
            }
            return Entry(prefix: prefix, key: base + offset, keyCount, valueCount)
        }
    }

    /// More slots than this are given back after the transaction that needed them.
    private static let slotsKept = 1 << 15
    private static let slotsMin = 16
    private static let free = UInt32.max

    // Nothing that is called while one of these is changed comes back here, so that looking whether
    // something did, 1,500 of a put's instructions, is left out.
    @exclusivity(unchecked) private var points: [Point] = []
    /// Indices of points by hash, with linear probing; at most half of them taken.
    @exclusivity(unchecked) private var slots: [UInt32] = []
    @exclusivity(unchecked) private(set) var spans = KeySpans()

    var isTouched: Bool { !points.isEmpty || !spans.isEmpty }

    func clear() {
        guard isTouched else { return }
        spans = KeySpans()
        // The next transaction is probably as large as this one.
        while slots.count > Self.slotsMin,
            slots.count > Self.slotsKept || points.count * 8 < slots.count
        {
            slots.removeLast(slots.count / 2)
        }
        points.removeAll(keepingCapacity: points.capacity <= Self.slotsKept)
        rebuild(slots: slots.count)
    }

    func find(
        _ key: Entry,
        _ hash: UInt64? = nil,
        in body: UnsafeRawBufferPointer,
    ) -> Entry? {
        guard !points.isEmpty else { return nil }
        let slot = slot(of: key, hash ?? NewestEntries.hash(key), in: body)
        return slots[slot] == Self.free ? nil : points[Int(slots[slot])].entry(in: body)
    }

    /// Notes an operation on a key, whose bytes are at `offset` of the body now.
    func set(_ key: Entry, value: Int32, at offset: Int, in body: UnsafeRawBufferPointer) {
        if (points.count + 1) * 2 > slots.count {
            rebuild(slots: max(Self.slotsMin, slots.count * 2))
        }
        let hash = NewestEntries.hash(key)
        let slot = slot(of: key, hash, in: body)
        guard slots[slot] == Self.free else {
            points[Int(slots[slot])].offset = offset
            points[Int(slots[slot])].valueCount = value
            return
        }
        slots[slot] = UInt32(points.count)
        points.append(
            Point(
                prefix: key.prefix,
                hash: hash,
                offset: offset,
                keyCount: key.keyCount,
                valueCount: value,
            )
        )
    }

    func deleteRange(from: [UInt8], to: [UInt8]?, in body: UnsafeRawBufferPointer) {
        var deleted = KeySpans()
        deleted.insert(from: from, to: to)
        spans.formUnion(deleted)
        guard !points.isEmpty else { return }
        points.removeAll { deleted.covers($0.entry(in: body)) }
        rebuild(slots: slots.count)
    }

    /// All of them, in no order that means anything.
    func entries(in body: UnsafeRawBufferPointer) -> [Entry] {
        points.map { $0.entry(in: body) }
    }

    /// Where the key's index is, or would go.
    private func slot(of key: Entry, _ hash: UInt64, in body: UnsafeRawBufferPointer) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != Self.free {
            let point = points[Int(slots[slot])]
            if point.hash == hash, point.entry(in: body).order(key) == 0 { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func rebuild(slots count: Int) {
        if slots.count == count {
            slots.withUnsafeMutableBufferPointer { $0.update(repeating: Self.free) }
        } else {
            slots = Array(repeating: Self.free, count: count)
        }
        for (index, point) in points.enumerated() {
            var slot = Int(truncatingIfNeeded: point.hash) & (count - 1)
            while slots[slot] != Self.free { slot = (slot + 1) & (count - 1) }
            slots[slot] = UInt32(index)
        }
    }
}
