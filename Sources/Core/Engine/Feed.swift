package import Causality
package import Changes
import Wire

/// What a region gives to links: changes after a position, and rows of a table.
///
/// Works on one snapshot of the store. The promise of a batch ("all through t") rests on that: `t`
/// is the own entry *as stored in the same snapshot* as the changes, so it is durable, and no commit
/// in flight can end below it.
package struct Feed {
    let catalog: TableCatalog
    let store: any StoreReader
    private let clock: ClockRow
    let applied: AppliedTimes
    /// For each origin, the time through which its history is gone in the snapshot.
    let trimmed: VersionVector
    /// What is in quarantine in the snapshot.
    private let quarantine: QuarantineSummary
    private var wallMilliseconds: UInt64
    /// What a planted bug makes of the own entry; the stored one in programs.
    let own: HybridTime
    /// Empty in programs.
    let bugs: Set<PlantedBug>

    /// Most bytes of history read for one batch, whether its tables are in them or not; more only
    /// where segments overlap.
    package static let scannedBytesMax = 64 << 20
    /// Most changes in one batch, except that those of one time stay together.
    ///
    /// The target merges a batch in one transaction, and its applications' writes wait as long.
    package static let changesMax = 2_000
    /// Most bytes of the system table in its one chunk.
    package static let systemBytesMax = 256 << 20

    package init(
        catalog: TableCatalog,
        store: any StoreReader,
        wallMilliseconds: UInt64,
        ownInMemory: HybridTime? = nil,
        bugs: Set<PlantedBug> = [],
    ) throws {
        self.catalog = catalog
        self.store = store
        self.wallMilliseconds = wallMilliseconds
        clock = try ClockRow.read(from: store) ?? ClockRow(last: .zero, own: .zero, changes: 0)
        applied = try AppliedTimes(reading: store)
        trimmed = try MetaKey.readTrimmed(from: store)
        quarantine = try QuarantineSummary.read(from: store)
        own = ownInMemory ?? clock.own
        self.bugs = bugs
    }

    /// The same snapshot, read at another time.
    package func at(wallMilliseconds: UInt64) -> Feed {
        var feed = self
        feed.wallMilliseconds = wallMilliseconds
        return feed
    }

    /// The next batch after a position: of a region's earliest incarnation that the target lacks
    /// something of, for all tables that stand at the same place.
    ///
    /// Nil if the target needs nothing that is here.
    /// Throws `PeerRefusal` with `.resync` where this region's own history of the system table is not
    /// whole any more; other tables of which it is not are left out, and named.
    ///
    /// `earlier` is what was found after the same position in an earlier snapshot of this store, and not sent:
    /// where that was complete and empty, the look goes on behind it. A feed that waits is looked at with
    /// commits to whatever is shared with some region, though not with its own.
    /// `splitsTimes` is a planted bug.
    package func batch(
        after position: LinkPosition,
        bytesMax: Int,
        goingOnFrom earlier: ChangeBatch.Header? = nil,
        splitsTimes: Bool = false,
    ) throws -> ChangeBatch? {
        var lacks: [ChangeBatch.Lack] = []
        guard let stretch = try nextStretch(after: position, &lacks) else { return nil }
        var collected = try collect(
            stretch,
            from: stretch.emptyThrough(by: earlier),
            bytesMax: bytesMax,
            splitsTimes: splitsTimes,
        )
        if collected.isWhole { collected.through = max(stretch.end, stretch.after) }
        if stretch.origin.region != catalog.region, bugs.contains(.relayEndsAtOwnClock) {
            collected.through = max(collected.through, own)
        }
        let isComplete = collected.isWhole && stretch.isToOwnEnd
        return ChangeBatch(
            header: ChangeBatch.Header(
                source: catalog.origin,
                origin: stretch.origin,
                predecessor: stretch.predecessor,
                tables: stretch.tables,
                after: stretch.after,
                through: collected.through,
                changes: collected.count,
                isComplete: isComplete,
                pending: collected.isWhole ? 0 : pending(stretch, collected),
                wallMilliseconds: wallMilliseconds,
                claims: isComplete ? claims(stretch.tables) : [],
                lacks: lacks,
            ),
            records: collected.records,
        )
    }

    /// The next rows of a table for a region that joins it, or is too far behind.
    package func chunk(
        _ request: SnapshotRequest,
        allowsJoining: Bool = false
    ) throws -> SnapshotChunk {
        guard catalog.servesPresent else {
            throw PeerRefusal(.partial, "the region has just started and waits to hear its peers")
        }
        guard let table = catalog[id: request.join.table] else {
            throw PeerRefusal(.unknownTable, "table \(request.join.table) is not known here")
        }
        // The state is the snapshot's own: the catalog may be older, and of a table that was left
        // since, part of the rows may be gone.
        guard let row = try store.get(.tables, TableKey.key(table.id)) else {
            throw PeerRefusal(.unknownTable, "table \(table.id) is not here any more")
        }
        let state = try TableState(decoding: row)
        guard state.number == table.number, state.isFeeding || allowsJoining else {
            throw PeerRefusal(.partial, "the replica here is not active")
        }
        let isMember = table.description.replica(in: request.target) != nil
        guard isMember || table.id == .system else {
            throw PeerRefusal(.notMember, "\(request.target) has no replica of the table")
        }
        // The rows lack what is in quarantine, and the vector says that they hold it.
        guard quarantine[table.id] == nil || bugs.contains(.snapshotDespiteQuarantine) else {
            throw PeerRefusal(.partial, "the table has changes in quarantine here")
        }
        let bytesMax = table.id == .system ? Feed.systemBytesMax : request.bytesMax
        let rows = try rows(of: table, after: request.join.after, bytesMax: bytesMax)
        let counts = try ReadContext(catalog: catalog, store: store).counts(of: table)
        let vector = vector(of: table.id)
        var shown = vector
        if let resync = state.resync, !bugs.contains(.resyncShownForgotten) {
            shown.join(resync.shown)
        }
        return SnapshotChunk(
            source: catalog.origin,
            table: table.id,
            after: request.join.after,
            isLast: rows.isLast,
            vector: vector,
            shown: shown,
            base: state.base,
            itemsExpected: UInt64(max(0, counts.items)),
            rows: rows.rows,
        )
    }

    // MARK: The changes

    struct Collected {
        var records: [UInt8] = []
        var count = 0
        /// The last time looked at, whether its changes were to the stretch's tables or not.
        var through = HybridTime.zero
        /// Whether the stretch's end was reached.
        var isWhole = true
        /// How many of the origin's changes lie at or before `through`.
        var passed: UInt64 = 0

        /// Appends one change as `ChangeCoding` frames it.
        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) {
                records.append(contentsOf: $0)
            }
            records.append(contentsOf: bytes)
            count += 1
        }
    }

    /// What there is of a stretch after `start`, before which it has nothing.
    private func collect(
        _ stretch: Stretch,
        from start: HybridTime,
        bytesMax: Int,
        splitsTimes: Bool,
    ) throws -> Collected {
        if stretch.origin != catalog.origin {
            let overlaps = try MetaKey.readOverlaps(from: store)?[stretch.origin] ?? .zero
            if stretch.after < overlaps {
                return try collectOverlapping(stretch, through: overlaps, bytesMax: bytesMax)
            }
        }
        var collected = Collected()
        collected.through = start
        let tables = Set(stretch.tables)
        var scanned = 0
        try store.range(
            .history,
            from: SegmentKey.firstAfter(start, of: stretch.origin),
            to: SegmentKey.end(of: stretch.origin),
            reversed: false,
        ) { _, value in
            scanned += value.count
            var reader = ByteReader(value)
            let head = try Segment.Head(&reader)
            collected.passed = head.sequence
            while let framed = try ChangeCoding.next(&reader) {
                if framed.time > stretch.end { return false }
                let isFull =
                    collected.records.count >= bytesMax || collected.count >= Feed.changesMax
                    || scanned > Feed.scannedBytesMax
                let isNewTime = framed.time > collected.through || splitsTimes
                if isFull, isNewTime, collected.through > start {
                    collected.isWhole = false
                    return false
                }
                collected.passed += 1
                guard framed.time > start else { continue }
                collected.through = framed.time
                guard tables.contains(framed.table) else { continue }
                if try isLeftOut(framed, of: stretch.origin) { continue }
                collected.append(framed.bytes)
            }
            return true
        }
        return collected
    }

    /// What a planted bug leaves out of a relayed history: changes that are not current here.
    func isLeftOut(_ framed: ChangeCoding.Framed, of origin: Origin) throws -> Bool {
        guard bugs.contains(.relaySkipsLosers), origin.region != catalog.region,
            let table = catalog[id: framed.table]
        else { return false }
        let change = try ChangeCoding.decode(framed, origin: origin)
        let row = try store.get(.items, table.row(change.key))
        return try row.map(Version.init(decoding:))?.stamp != change.version.stamp
    }

    private func pending(_ stretch: Stretch, _ collected: Collected) -> UInt64 {
        guard stretch.origin == catalog.origin, clock.changes > collected.passed else { return 0 }
        return clock.changes - collected.passed
    }

    private func claims(_ tables: [TableID]) -> [ChangeBatch.Claim] {
        LinkPosition.grouped(tables.map { (table: $0, vector: seen(of: $0)) })
            .map { ChangeBatch.Claim(tables: $0.tables, vector: $0.vector) }
    }

    private func vector(of table: TableID) -> VersionVector {
        var vector = applied[table]
        vector.raise(catalog.origin, to: own)
        return vector
    }

    /// The applied vector as far as nothing is in quarantine.
    private func seen(of table: TableID) -> VersionVector {
        if bugs.contains(.quarantineForgotten) { return vector(of: table) }
        return quarantine.seen(vector(of: table), of: table)
    }

    // MARK: The rows

    private func rows(
        of table: Table,
        after: [UInt8]?,
        bytesMax: Int,
    ) throws -> (rows: [SnapshotChunk.Row], isLast: Bool) {
        var rows: [SnapshotChunk.Row] = []
        var bytes = 0
        var isLast = true
        // The least key after another one is that key with a zero byte behind it.
        let from = after.map { table.row($0) + [0] } ?? table.rowPrefix
        try store.range(.items, from: from, to: table.rowEnd, reversed: false) { key, value in
            if bytes >= bytesMax, !rows.isEmpty {
                isLast = false
                return false
            }
            let itemKey = [UInt8](key[Table.rowPrefixBytes...])
            rows.append(SnapshotChunk.Row(key: itemKey, version: [UInt8](value)))
            bytes += itemKey.count + value.count
            return true
        }
        return (rows, isLast)
    }
}
