package import Causality
import Changes

/// Taking a table up again in which this region wrote in an earlier membership.
///
/// **Problem.** A region leaves once the others hold all that it wrote (`finishLeaving`,
/// `finishExpulsion`), and the copy by which it joins again brings that back. But the member it copies
/// from may have been started from older files since, and lack some. This region's history still has
/// it, and gives it to whoever lacks it: the region would be the only one that does not hold what its
/// own entry says that it holds.
///
/// **Idea.** On leaving, a region keeps note of how far the others hold what it wrote (`LeftRow`). When
/// the rows of a copy are here and their vector does not cover that, the replica merges the rest from
/// its own history, by the ordinary rule, before it serves.
///
/// **Bound.** Chores merge about `returnedBytesMax` at a time, in whole segments of the history; the
/// place lies in the store. What the history does not have any more comes back to nobody.
extension WriteGroup {
    /// About how many bytes of changes one round of chores merges.
    private static let returnedBytesMax = 4 << 20

    /// Keeps note of what the others hold of this region's, whose replica goes.
    func noteLeft(_ id: TableID, held: VersionVector) throws {
        try putLeft(LeftRow(held: ofOwn(held)), of: id)
    }

    /// The table is gone everywhere, or here again with all that this region wrote.
    func forgetLeft(_ id: TableID) throws {
        guard try LeftRow.read(of: id, from: store) != nil else { return }
        try store.delete(.meta, MetaKey.left(id))
    }

    /// Begins to merge what a copy, whose vector is given, lacks of what this region wrote.
    func beginReturning(to id: TableID, copied vector: VersionVector) throws {
        guard var row = try LeftRow.read(of: id, from: store) else { return }
        row.place = ofOwn(vector)
        guard !row.isThrough else { return try forgetLeft(id) }
        try putLeft(row, of: id)
        engine.returning[id] = row
        engine.notices.append(
            "the copy of table \(id) lacks writes that this region made before it left: they are "
                + "merged from its history"
        )
    }

    func mergeReturning(_ left: inout Int) throws {
        for (id, begun) in engine.returning.sorted(by: { $0.key < $1.key }) where left > 0 {
            // What waits in quarantine comes first.
            guard engine.catalog[id: id] != nil, engine.quarantine[id] == nil else { continue }
            var row = begun
            for entry in row.held.entries where row.place[entry.origin] < entry.time {
                guard left > 0 else { break }
                let place = try mergeOwn(entry, after: row.place[entry.origin], into: id, &left)
                row.place.raise(entry.origin, to: place)
            }
            guard row.isThrough else {
                try putLeft(row, of: id)
                engine.returning[id] = row
                continue
            }
            engine.returning[id] = nil
            try forgetLeft(id)
            raiseOwnClosed(of: id, in: row.held)
            for entry in row.held.entries where entry.origin != engine.origin {
                let applied = engine.applied.row(of: entry.origin)
                try store.put(.applied, AppliedTimes.key(of: entry.origin), applied)
            }
        }
    }

    /// Merges the next of an own origin's changes to a table.
    /// - Returns: the time through which they are merged.
    private func mergeOwn(
        _ entry: VersionVector.Entry,
        after: HybridTime,
        into id: TableID,
        _ left: inout Int,
    ) throws -> HybridTime {
        var place = after
        var isWhole = true
        var bytes = 0
        var changes: [Change] = []
        try store.range(
            .history,
            from: SegmentKey.firstAfter(after, of: entry.origin),
            to: SegmentKey.end(of: entry.origin),
            reversed: false,
        ) { key, value in
            guard left > 0, bytes < Self.returnedBytesMax else {
                isWhole = false
                return false
            }
            left -= 1
            var reader = ByteReader(value)
            _ = try Segment.Head(&reader)
            while let framed = try ChangeCoding.next(&reader) {
                let isMeant =
                    framed.table == id && framed.time > after && framed.time <= entry.time
                guard isMeant else { continue }
                changes.append(try ChangeCoding.decode(framed, origin: entry.origin))
                bytes += framed.bytes.count
                left -= 1
            }
            place = try SegmentKey.decode(key).last
            return place < entry.time
        }
        var tally = Tally()
        for change in changes {
            guard let table = engine.catalog[id: id] else { break }
            let trouble = try merge(change.version, into: table, at: change.key, &tally)
            guard let trouble else { continue }
            engine.alarms.append("\(change.version.stamp) was not merged again: \(trouble)")
        }
        return isWhole ? entry.time : min(place, entry.time)
    }

    private func putLeft(_ row: LeftRow, of id: TableID) throws {
        try store.put(.meta, MetaKey.left(id), row.encoded())
    }

    private func ofOwn(_ vector: VersionVector) -> VersionVector {
        VersionVector(vector.entries.filter { $0.origin.region == engine.region })
    }
}

extension RegionEngine {
    /// Rebuilds what is being merged of own writes; the catalog is there.
    func loadReturning(_ store: any StoreReader) throws {
        for table in catalog.all {
            guard case .catchingUp = table.state.phase else { continue }
            returning[table.id] = try LeftRow.read(of: table.id, from: store)
        }
    }
}

/// What a region handed over of a table when it left; stored in `Keyspace.meta` until it has joined
/// again and holds all of it, or the table is gone.
package struct LeftRow: Equatable, Sendable {
    /// How far the others held the region's own origins.
    package var held: VersionVector
    /// How far the replica that has come since holds them; of use while that catches up.
    package var place = VersionVector()

    package var isThrough: Bool { place.covers(held) }

    init(held: VersionVector) {
        self.held = held
    }

    /// Nil where the region did not leave the table, or is back with all it wrote.
    static func read(of id: TableID, from store: any StoreReader) throws -> LeftRow? {
        guard let bytes = try store.get(.meta, MetaKey.left(id)) else { return nil }
        return try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var row = LeftRow(held: try reader.vector())
            row.place = try reader.vector()
            return row
        }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        writer.vector(held)
        writer.vector(place)
        return writer.bytes
    }
}
