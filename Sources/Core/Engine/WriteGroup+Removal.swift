import Causality
package import Changes
import Wire

/// Removing a region that is gone: the others agree how far they hold what it wrote, and go on
/// without it.
///
/// **Problem.** A replica leaves by handing over all it wrote (`finishLeaving`). One that is gone
/// cannot; and for as long as it counts as a member nothing is forgotten, no other replica can join,
/// and histories grow. But just to strike it off is not safe: one member may hold writes of it that
/// another lacks, and it may come back with writes that nobody has seen, when the deletes they would
/// have met are forgotten.
///
/// **Idea.** The removal is a part of the table's description. A member that applies it takes no more
/// from the region itself (the *fence*: its positions leave the table out for that source), and says
/// in a part of its own how far it holds the region's origins. The greatest of these acknowledgements,
/// and of what members are known to hold when all have acknowledged, is the *end*. Relays bring all members there, as they do for any region that is silent. Once every
/// member is known to hold the end, the first of them by name writes it into the removal and deletes
/// the region's replica; only then do stable times and horizons stop counting it.
///
/// **The region itself**, when it comes back, learns of the removal by the table of descriptions. It
/// takes no more requests for the table and feeds nothing of it (`Phase.expelled`). What it wrote
/// beyond the end was shipped to nobody and never will be: these changes move from its history to
/// `Keyspace.unshipped`, and the table is dropped. It may join again, with an empty table and the
/// same history as everybody. As a replica that says after which removal it came (`afterRemoval`) it
/// is fenced no more. It alone writes that, when it becomes active.
///
/// **What breaks without the rules.** Without the fence a member could take more after it has
/// acknowledged, beyond an end that others count on. Without the wait for all to hold the end, a
/// member's horizon would pass writes that still come by relay: deletes would be undone. Without the
/// move out of the history, a region that joined again in the same incarnation would feed the
/// unshipped changes after all, over deletes that were forgotten meanwhile.
extension WriteGroup {
    /// Has a table's other members go on without a region.
    /// - Throws: `PeerRefusal` where that makes no sense.
    package func removeByForce(_ region: String, from id: TableID) throws {
        try settleDescriptions()
        try checkNotFencedForOperator()
        guard let table = engine.catalog[id: id], id != .system else {
            throw PeerRefusal(.unknownTable, "table \(id) is not known here")
        }
        guard region != engine.region, table.state.phase == .active else {
            throw PeerRefusal(.badRequest, "another region with an active replica must be asked")
        }
        var parts = table.description
        guard let place = parts.replicas.firstIndex(where: { $0.region == region }) else {
            throw PeerRefusal(.notMember, "\(region) has no replica of \(table.name)")
        }
        guard !parts.isBeingRemoved(region) else { return }
        parts.replicas[place].status = .deleting
        parts.removals.removeAll { $0.region == region }
        parts.removals.append(TableParts.Removal(region: region, time: newTime()))
        try writePart(.removal(region: region), of: id, parts)
        try writePart(.replica(region: region), of: id, parts)
        engine.notices.append("\(region) is removed from table \(table.name) without its word")
        try settleDescriptions()
    }

    /// Says how far this region holds what removed ones wrote: from this transaction on it takes no
    /// more from them.
    func acknowledgeRemovals(of id: TableID, _ parts: TableParts) throws {
        var parts = parts
        for place in parts.removals.indices {
            let removal = parts.removals[place]
            guard removal.region != engine.region, removal.end == nil,
                removal.acknowledgement(of: engine.region) == nil,
                parts.isBeingRemoved(removal.region)
            else { continue }
            let held = engine.applied[id].entries.filter { $0.origin.region == removal.region }
            parts.removals[place].acknowledgements.append(
                .init(member: engine.region, held: VersionVector(held))
            )
            try writePart(
                .acknowledgement(region: removal.region, member: engine.region),
                of: id,
                parts,
            )
        }
    }

    /// Strikes removed regions off, once all members are known to hold the same of them.
    func finishRemovals(of table: Table) throws {
        for removal in table.description.removals {
            var parts = table.description
            guard parts.isBeingRemoved(removal.region) else { continue }
            let others = parts.replicas.filter { replica in
                !parts.isBeingRemoved(replica.region) && replica.status != .creationFailed
                    && !engine.neverBegan(replica)
            }.map(\.region)
            guard others.min() == engine.region, var end = removal.end(of: others) else { continue }
            let vectors = others.map { member in
                member == engine.region
                    ? engine.vector(of: table.id) : engine.peers.vector(of: member, for: table.id)
            }
            // Another region that is removed itself has no word in the end, and may have relayed more
            // before it was: what a member holds was shipped.
            for entry in vectors.flatMap(\.entries) where entry.origin.region == removal.region {
                end.raise(entry.origin, to: entry.time)
            }
            let isHeld = vectors.allSatisfy { $0.covers(end) }
            guard isHeld || engine.settings.plantedBugs.contains(.removedBeforeHeld) else {
                continue
            }
            guard let place = parts.removals.firstIndex(of: removal) else { continue }
            parts.removals[place].end = end
            try writePart(.removal(region: removal.region), of: table.id, parts)
            try writePart(.replica(region: removal.region), of: table.id, nil)
            engine.notices.append(
                "\(removal.region) is removed from table \(table.name); all hold it through \(end)"
            )
        }
    }

    // MARK: The removed region

    /// Follows a removal of this region's own replica, if that is news.
    /// - Returns: whether it was, and the description is not to be followed otherwise.
    func followOwnRemoval(of id: TableID, _ parts: TableParts?) throws -> Bool {
        guard let parts, let removal = parts.removal(of: engine.region),
            let table = engine.catalog[id: id]
        else {
            // Without the table, the record of the replica is the others' to delete.
            return parts?.isBeingRemoved(engine.region) == true
        }
        guard table.state.removal < removal.time else { return false }
        // The rest of the description, and what is derived by it, stays as it is until the drop.
        engine.catalog.update(id) { $0.description.removals = parts.removals }
        engine.catalogChanged()
        switch table.state.phase {
        case .expelled: break
        case .joining, .catchingUp: try drop(table)
        case .active, .draining:
            changeState(id) { $0.phase = .expelled }
            engine.alarms.append(
                "this region was removed from table \(table.name): what it wrote since is kept "
                    + "aside as unshipped"
            )
        }
        guard engine.catalog[id: id] == nil else { return true }
        noteDescription(of: id)
        return true
    }

    /// Segments looked at in one round of chores.
    private static let expulsionSegmentsMax = 200
    /// About how many bytes one round of chores keeps aside.
    private static let releasedBytesMax = 8 << 20

    /// Moves what was shipped to nobody out of the history, and drops the table after that.
    func finishExpulsion(of table: Table) throws {
        guard table.state.phase == .expelled, !isTouched(table.id),
            let end = table.description.removal(of: engine.region)?.end
        else { return }
        let own = engine.catalog.closed.map(\.origin) + [engine.origin]
        var left = WriteGroup.expulsionSegmentsMax
        for origin in own where !engine.settings.plantedBugs.contains(.unshippedForgotten) {
            guard left > 0 else { return }
            try moveUnshipped(of: table, origin, after: end[origin], &left)
        }
        guard left > 0 else { return }
        guard try keepReleased(of: table, own, after: end) else { return }
        engine.expulsionPlaces[table.id] = nil
        engine.expulsionRows[table.id] = nil
        engine.notices.append(
            "table \(table.name) is dropped; its unshipped writes wait for globalctl unshipped"
        )
        try noteLeft(table.id, held: end)
        try drop(table)
        // An invitation that came meanwhile is followed now.
        noteDescription(of: table.id)
        try settleDescriptions()
    }

    /// Keeps aside what stands in the table of changes that were shipped to nobody, and that the
    /// history had to release at its bound (`capHistory`): of each item the latest.
    ///
    /// This is for a region that was cut off while it wrote more than all history there may be. One
    /// call goes through a portion of the table, by rows and by bytes.
    ///
    /// - Returns: whether it is through.
    private func keepReleased(
        of table: Table,
        _ own: [Origin],
        after end: VersionVector,
    ) throws -> Bool {
        let trimmed = engine.catalog.trimmed
        let released = own.filter { trimmed[$0] > end[$0] && trimmed[$0] > table.state.began }
        guard !released.isEmpty else { return true }
        var kept: [(origin: Origin, change: Change)] = []
        var (rows, bytes) = (0, 0)
        var last: [UInt8]?
        let from = engine.expulsionRows[table.id].map { $0 + [0] } ?? table.rowPrefix
        try store.range(.items, from: from, to: table.rowEnd, reversed: false) { row, value in
            guard rows < engine.settings.releasedRowsMax, bytes < WriteGroup.releasedBytesMax else {
                return false
            }
            rows += 1
            last = [UInt8](row)
            let version = try Version(decoding: value)
            let origin = version.stamp.origin
            guard released.contains(origin), version.stamp.time > end[origin],
                version.stamp.time <= trimmed[origin]
            else { return true }
            bytes += value.count
            let key = [UInt8](row[Table.rowPrefixBytes...])
            kept.append(
                (origin, Change(table: table.id, key: key, ordinal: 0, version: version))
            )
            return true
        }
        for (origin, change) in kept {
            var writer = ByteWriter()
            ChangeCoding.append(change, to: &writer)
            // Without the length before it.
            let bytes = Array(writer.bytes.dropFirst(4))
            let record = UnshippedRecord(table: table.name, origin: origin, change: bytes)
            try store.put(.unshipped, try record.key(), record.encoded())
        }
        if engine.expulsionRows[table.id] == nil {
            engine.alarms.append(
                "table \(table.name) wrote more than history.bytesMax that was shipped to nobody: of "
                    + "what was released, the latest of each item is kept aside"
            )
        }
        guard let last else { return true }
        engine.expulsionRows[table.id] = last
        return false
    }

    private func moveUnshipped(
        of table: Table,
        _ origin: Origin,
        after end: HybridTime,
        _ left: inout Int,
    ) throws {
        let place = engine.expulsionPlaces[table.id]?[origin]
        var segments: [(key: [UInt8], value: [UInt8])] = []
        try store.range(
            .history,
            from: place.map { $0 + [0] } ?? SegmentKey.firstAfter(end, of: origin),
            to: SegmentKey.end(of: origin),
            reversed: false,
        ) { key, value in
            guard left > 0 else { return false }
            left -= 1
            segments.append(([UInt8](key), [UInt8](value)))
            return true
        }
        for (key, value) in segments {
            try moveUnshipped(of: table, origin, after: end, key, value)
            engine.expulsionPlaces[table.id, default: [:]][origin] = key
        }
    }

    private func moveUnshipped(
        of table: Table,
        _ origin: Origin,
        after end: HybridTime,
        _ key: [UInt8],
        _ value: [UInt8],
    ) throws {
        let parted = try PartedSegment(value, taking: table.id, after: end)
        guard !parted.taken.isEmpty else { return }
        for change in parted.taken {
            let record = UnshippedRecord(table: table.name, origin: origin, change: change)
            try store.put(.unshipped, try record.key(), record.encoded())
        }
        if let kept = parted.kept {
            historyChanged(removed: UInt64(key.count + value.count))
            try putHistory(key, kept)
        } else {
            historyChanged(removed: UInt64(key.count + value.count))
            try store.delete(.history, key)
        }
    }
}

extension TableParts.Removal {
    /// What the members together hold; nil until all have said it.
    func end(of members: [String]) -> VersionVector? {
        var end = VersionVector()
        for member in members {
            guard let held = acknowledgement(of: member) else { return nil }
            end.join(held)
        }
        return end
    }
}

/// A segment of the history without some of its changes.
private struct PartedSegment {
    /// Nil if nothing is left.
    let kept: Segment?
    /// As `ChangeCoding` frames them, without the length before.
    let taken: [[UInt8]]

    init(_ value: [UInt8], taking table: TableID, after end: HybridTime) throws(MalformedBytes) {
        (kept, taken) = try ByteReader.reading(value) { (reader) throws(MalformedBytes) in
            let head = try Segment.Head(&reader)
            var taken: [[UInt8]] = []
            var kept = ByteWriter()
            var count = 0
            while let framed = try ChangeCoding.next(&reader) {
                if framed.table == table, framed.time > end {
                    taken.append([UInt8](framed.bytes))
                } else {
                    kept.uint32(UInt32(framed.bytes.count))
                    kept.raw(framed.bytes)
                    count += 1
                }
            }
            let segment = Segment(
                sequence: head.sequence,
                count: count,
                tables: head.tables.filter { $0 != table || count > 0 },
                records: kept.bytes,
            )
            return (count == 0 ? nil : segment, taken)
        }
    }
}
