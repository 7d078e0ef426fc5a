package import Causality
import Changes

/// What is known in one region of how far the members of a table hold what a region wrote to it: what
/// would be lost with that region.
package struct ReplicaStanding: Sendable {
    package struct Member: Sendable {
        package let region: String
        /// The time through which it is known to hold the region's changes; zero for nothing.
        package let held: HybridTime
        /// How many of them, among those known here, it is not known to hold.
        package let missing: UInt64
    }

    /// Sorted by region; the region itself is not among them.
    package let members: [Member]

    /// No more than so many changes are counted for one member.
    package static let missingMax: UInt64 = 100_000

    package init(
        of region: String,
        in table: Table,
        _ catalog: TableCatalog,
        _ store: any StoreReader,
    ) throws {
        let peers = try PeerKnowledge(reading: store)
        let applied = try AppliedTimes(reading: store)[table.id]
        var own = VersionVector(applied.entries.filter { $0.origin.region == region })
        if region == catalog.region {
            let clock = try ClockRow.read(from: store)
            own.raise(catalog.origin, to: clock?.own ?? .zero)
        }
        members = try table.description.members.filter { $0 != region }.map { member in
            let known = member == catalog.region ? applied : peers.vector(of: member, for: table.id)
            var missing: UInt64 = 0
            for entry in own.entries {
                missing += try ReplicaStanding.count(
                    of: entry.origin,
                    in: table.id,
                    after: known[entry.origin],
                    through: entry.time,
                    most: ReplicaStanding.missingMax - missing,
                    store,
                )
            }
            return Member(region: member, held: known.time(ofRegion: region), missing: missing)
        }
    }

    private static func count(
        of origin: Origin,
        in table: TableID,
        after: HybridTime,
        through: HybridTime,
        most: UInt64,
        _ store: any StoreReader,
    ) throws -> UInt64 {
        guard after < through, most > 0 else { return 0 }
        var count: UInt64 = 0
        try store.range(
            .history,
            from: SegmentKey.firstAfter(after, of: origin),
            to: SegmentKey.end(of: origin),
            reversed: false,
        ) { _, value in
            var reader = ByteReader(value)
            let head = try Segment.Head(&reader)
            guard head.tables.contains(table) else { return true }
            while let framed = try ChangeCoding.next(&reader) {
                guard framed.table == table, framed.time > after, framed.time <= through else {
                    continue
                }
                count += 1
                if count >= most { return false }
            }
            return true
        }
        return count
    }
}
