import Causality
import Changes
import Wire

/// How long the history stays, and how many bytes of it.
///
/// Changes stay for `retentionMilliseconds`, and as long as a member still needs them, but never more
/// of them than `historyBytesMax`: past it the oldest go, whoever needs them. So a member that is away
/// costs the others disk up to a bound. When it comes back it is told that it is too far behind, and is
/// brought up by a copy (`WriteGroup+Resync.swift`).
///
/// **Only the history is released.** A tombstone stays until all members are known to have it, however
/// long that takes: a member that is behind goes on writing, over items whose delete it has not seen.
/// Such a write has to meet the tombstone to lose to it, or to win on record.
///
/// **Accounts.** `historyBytes` counts keys and values of all rows, exactly: each row that comes or goes
/// is counted in its own transaction, and the count is stored with the clock, which nearly every
/// transaction writes anyway.
extension WriteGroup {
    func putHistory(_ key: [UInt8], _ segment: Segment) throws {
        let head = segment.encodedHead()
        // What is large is not copied on its way.
        try key.withUnsafeBytes { key in
            try head.withUnsafeBytes { head in
                try segment.records.withUnsafeBytes { try store.put(.history, key, head, $0) }
            }
        }
        historyChanged(added: key.count + head.count + segment.records.count)
    }

    /// Changes go from the history when they are older than the retention and every member of every
    /// table has them.
    func trimHistory(_ left: inout Int) throws {
        let retained = HybridTime(
            milliseconds: wallMilliseconds < engine.settings.retentionMilliseconds
                ? 0 : wallMilliseconds - engine.settings.retentionMilliseconds
        )
        for origin in engine.applied.origins + [engine.origin] {
            guard left > 0 else { return }
            let limit = min(retained, heldByAll(origin))
            guard limit > engine.catalog.trimmed[origin] else { continue }
            try trim(origin, through: limit, &left)
        }
    }

    /// The time through which all members of all tables are known to hold an origin's changes.
    private func heldByAll(_ origin: Origin) -> HybridTime {
        var held = HybridTime.greatest
        for table in engine.catalog.all {
            let mine = origin == engine.origin ? engine.own : engine.applied[table.id][origin]
            guard mine > .zero else { continue }
            held = min(held, mine)
            let members =
                table.id == .system ? engine.peers.regions : table.description.members
            for member in members where member != engine.region && member != origin.region {
                held = min(held, engine.peers.vector(of: member, for: table.id)[origin])
            }
        }
        return held
    }

    /// Past the cap the oldest history goes, of whichever origin, until the rest is small enough.
    func capHistory(_ left: inout Int) throws {
        let most = engine.settings.historyBytesMax
        guard engine.historyBytes > most else {
            engine.isReleasingHistory = false
            return
        }
        let before = engine.historyBytes
        var fronts = try historyFronts()
        while engine.historyBytes > most, left > 0,
            let oldest = fronts.min(by: { ($0.time, $0.origin) < ($1.time, $1.origin) })
        {
            fronts.removeAll { $0.origin == oldest.origin }
            let next = fronts.map(\.time).min() ?? .greatest
            try trim(
                oldest.origin,
                through: max(oldest.time, next),
                bytesMin: engine.historyBytes - most,
                &left,
            )
            if let front = try front(of: oldest.origin) { fronts.append(front) }
        }
        if engine.settings.plantedBugs.contains(.capReleasesTombstones) {
            try releaseTombstones(&left)
        }
        noteReleased(before - engine.historyBytes)
    }

    private func noteReleased(_ bytes: UInt64) {
        guard !engine.isReleasingHistory, bytes > 0 else { return }
        engine.isReleasingHistory = true
        engine.notices.append(
            "the history is larger than history.bytesMax: the oldest goes, and a region that still "
                + "needs it will be brought up by a copy"
        )
    }

    /// A planted bug: what was deleted before the history that is left is forgotten.
    private func releaseTombstones(_ left: inout Int) throws {
        let time = engine.catalog.trimmed.entries.map(\.time).max() ?? .zero
        for table in engine.catalog.all where table.state.phase == .active {
            guard table.id != .system, time > table.state.base else { continue }
            try forgetTombstones(of: table, through: time, &left)
        }
    }

    private typealias Front = (origin: Origin, time: HybridTime)

    /// Where the history of each origin begins here, also of those that no table knows any more.
    private func historyFronts() throws -> [Front] {
        var fronts: [Front] = []
        var from: [UInt8] = []
        while let front = try firstSegment(from: from, to: nil) {
            fronts.append(front)
            from = SegmentKey.end(of: front.origin)
        }
        return fronts
    }

    private func front(of origin: Origin) throws -> Front? {
        try firstSegment(
            from: SegmentKey.firstAfter(.zero, of: origin),
            to: SegmentKey.end(of: origin),
        )
    }

    private func firstSegment(from: [UInt8], to end: [UInt8]?) throws -> Front? {
        var first: Front?
        try store.sizes(.history, from: from, to: end) { key, _ in
            let found = try SegmentKey.decode(key)
            first = (found.origin, found.last)
            return false
        }
        return first
    }

    /// Removes an origin's segments that end at or before `limit`, the oldest first, until so many
    /// bytes have gone.
    private func trim(
        _ origin: Origin,
        through limit: HybridTime,
        bytesMin: UInt64 = .max,
        _ left: inout Int,
    ) throws {
        var last: (key: [UInt8], time: HybridTime)?
        var bytes: UInt64 = 0
        let from = SegmentKey.firstAfter(.zero, of: origin)
        let end =
            limit == .greatest
            ? SegmentKey.end(of: origin) : SegmentKey.firstAfter(limit, of: origin)
        try store.sizes(.history, from: from, to: end) { key, valueBytes in
            last = ([UInt8](key), try SegmentKey.decode(key).last)
            bytes += UInt64(key.count + valueBytes)
            left -= 1
            return left > 0 && bytes < bytesMin
        }
        guard let last else { return }
        try store.deleteRange(.history, from: from, to: last.key + [0])
        historyChanged(removed: bytes)
        engine.catalog.trimmed.raise(origin, to: last.time)
        engine.catalogChanged()
        var writer = ByteWriter()
        writer.vector(engine.catalog.trimmed)
        try store.put(.meta, MetaKey.trimmed, writer.bytes)
    }
}

extension RegionEngine {
    /// Counted by walking all rows: for a store in which nobody took note.
    static func bytesOfHistory(in store: any StoreReader) throws -> UInt64 {
        var bytes: UInt64 = 0
        try store.sizes(.history, from: [], to: nil) { key, valueBytes in
            bytes += UInt64(key.count + valueBytes)
            return true
        }
        return bytes
    }
}
