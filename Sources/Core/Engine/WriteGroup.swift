import Causality
import Changes
import Items
import Wire

/// One engine transaction: many operations, batches or chores, committed together.
///
/// Invariants: an item, the change in its origin's history, the conflict log, the counts and the
/// cursor move in this one transaction or not at all; times increase in the order of the writes; the
/// own entry reaches the last of them only with the commit that holds them all.
///
/// Use: make one, perform operations, `finish`, commit the store's transaction, then publish.
package final class WriteGroup {
    let engine: RegionEngine
    let store: any StoreTransaction
    /// When the present operation began, or a little before.
    package private(set) var wallMilliseconds: UInt64
    // What each write touches is not looked at for overlapping accesses, 900 instructions of a put: nothing
    // that is called while one of these is changed changes it too.
    /// This and the others of `WriteMemory` are the engine's between groups.
    @exclusivity(unchecked) private var records = ByteWriter()
    @exclusivity(unchecked) private var recordCount = 0
    private var recordTables: Set<TableID> = []
    /// The table of the last of them.
    @exclusivity(unchecked) private var lastTable: TableID?
    @exclusivity(unchecked) private var lastTime = HybridTime.zero
    private var sharedTime: HybridTime?
    private var touchedTables: Set<TableID> = []
    private var touchedCounts: Set<UInt32> = []
    private var touchedIndexCounts: Set<IndexNumber> = []
    @exclusivity(unchecked) private var touchedDescriptions: Set<TableID> = []
    @exclusivity(unchecked) private var areFencesTouched = false
    /// The last change of applications' data in this group; zero for none.
    @exclusivity(unchecked) private(set) var lastDataTime = HybridTime.zero
    @exclusivity(unchecked) private var clockMoved = false
    private var ownMoved = false
    /// What a planted bug leaves to the next group.
    private var lateIndexWork: [(WriteGroup) throws -> Void] = []
    /// The changes of the batch that is being merged, in order; empty between batches.
    var merging: [Incoming] = []
    var rowKey = ByteWriter()
    @exclusivity(unchecked) var rowValue = ByteWriter()
    @exclusivity(unchecked) var spareRow = ByteWriter()
    /// This incarnation as rows and records have it.
    let ownOrigin: [UInt8]
    /// Records of streams, by the streams' numbers, that are not put yet; see `putRecords`.
    var segments: [UInt32: StreamSegment] = [:]

    init(engine: RegionEngine, store: any StoreTransaction, wallMilliseconds: UInt64) {
        self.engine = engine
        self.store = store
        self.wallMilliseconds = wallMilliseconds
        ownOrigin = engine.ownOrigin
        swapMemory()
    }

    /// Takes the engine's memory, or gives it back.
    private func swapMemory() {
        swap(&records, &engine.writeMemory.records)
        swap(&rowKey, &engine.writeMemory.rowKey)
        swap(&rowValue, &engine.writeMemory.rowValue)
        swap(&spareRow, &engine.writeMemory.spareRow)
    }

    /// Lets the wall clock go on between two operations: what comes later is stamped later, though an
    /// earlier operation of the group may have waited for the disk meanwhile.
    package func advance(to wallMilliseconds: UInt64) {
        self.wallMilliseconds = max(self.wallMilliseconds, wallMilliseconds)
    }

    /// Runs one operation with a time of its own.
    ///
    /// `isBehindFence` is for operations that look themselves whether a fence stands, before they
    /// write. Throws `ServiceError` for any other while one does.
    package func perform<Response>(
        isBehindFence: Bool = false,
        _ operation: (inout WriteContext) throws -> Response,
    ) throws -> Response {
        try settleDescriptions()
        if !isBehindFence { try checkNotFenced() }
        var context = WriteContext(group: self)
        return try operation(&context)
    }

    /// This region's changes in the group, as its history will hold them.
    var ownRecords: [UInt8] { records.bytes }

    /// How many changes and bytes of history the group holds so far.
    package var size: (changes: Int, bytes: Int) { (recordCount, records.bytes.count) }

    /// Writes what belongs to the group as a whole.
    ///
    /// Call once, last.
    /// - Returns: whether this region made changes of its own that feeds may wait for.
    @discardableResult
    package func finish() throws -> Bool {
        try settleDescriptions()
        for work in engine.lateIndexWork { try work(self) }
        engine.lateIndexWork = lateIndexWork
        let hasChanges = recordCount > 0
        if hasChanges { try appendSegment() }
        try putRecords()
        for table in touchedTables.sorted() { try saveState(table) }
        for table in touchedCounts.sorted() {
            let counts = engine.counts[table] ?? TableCounts()
            try store.put(.meta, MetaKey.counts(of: table), counts.encoded())
        }
        for index in touchedIndexCounts.sorted() {
            let counts = engine.indexCounts[index] ?? TableCounts()
            try store.put(.meta, MetaKey.counts(of: index), counts.encoded())
        }
        if clockMoved || hasChanges || ownMoved { try saveClock() }
        swapMemory()
        engine.writeMemory.clear()
        return hasChanges && recordTables.contains(where: engine.catalog.isForOthers)
    }

    /// Moves the own entry up to now, so that peers know that nothing is missing.
    package func heartbeat() {
        _ = tick()
        ownMoved = true
        showIfHeard()
    }

    // MARK: For operations

    func newTime() -> HybridTime {
        if engine.settings.plantedBugs.contains(.groupSharesTime), let sharedTime {
            return sharedTime
        }
        let time = tick()
        sharedTime = time
        return time
    }

    func version(of table: Table, at key: [UInt8]) throws -> Version? {
        try withPresent(of: table, at: key) { try $0.version() }
    }

    @discardableResult
    func write(
        _ image: [UInt8]?,
        sizeBytes: Int,
        to table: Table,
        at key: [UInt8],
        over current: Version?,
        time: HybridTime,
        ordinal: UInt16,
        expired: Stamp? = nil,
        transactionItems: UInt8 = 0,
    ) throws -> WriteEffects {
        // All at or below the base has been seen here. Absence is a version that has seen just that; and
        // what came since then to where a delete was forgotten may not have seen it, if it was written
        // over older files. The stable time says as much, but for a while after a start or an invitation.
        var ancestry = current?.ancestry ?? Ancestry()
        ancestry.raiseFloor(to: max(table.state.base, engine.stableTime(of: table)))
        let version = Version(
            stamp: Stamp(time: time, origin: engine.origin),
            ancestry: ancestry,
            image: image,
            sizeBytes: sizeBytes,
            expired: engine.settings.plantedBugs.contains(.expiryByOwnStamp) ? nil : expired,
            transactionItems: transactionItems,
        )
        if let current {
            precondition(
                engine.settings.plantedBugs.isEmpty == false || current.stamp.time < time,
                "a new time exceeds the stamp it overwrites",
            )
        }
        let effects = try replace(current, by: version, in: table, at: key)
        let change = Change(table: table.id, key: key, ordinal: ordinal, version: version)
        record(in: table.id, at: time) { ChangeCoding.append(change, to: &$0) }
        return effects
    }

    /// Takes note of a change of this region's own, of which `append` writes the record.
    func record(in table: TableID, at time: HybridTime, _ append: (inout ByteWriter) -> Void) {
        append(&records)
        recordCount += 1
        if lastTable != table {
            recordTables.insert(table)
            lastTable = table
        }
        lastTime = max(lastTime, time)
        if table != .system { lastDataTime = time }
    }

    // MARK: For merging

    /// Puts a version in the place of another, with everything derived from it: the tombstones'
    /// order, the counts, the expiry entries, the record in the table's stream, and the indexes.
    ///
    /// - Throws: before anything is written, `StoredFormError` if an item cannot be read, and `MalformedBytes` if
    ///   counts cannot be.
    @discardableResult
    func replace(
        _ current: Version?,
        by version: Version,
        in table: Table,
        at key: [UInt8],
    ) throws -> WriteEffects {
        let row = table.row(key)
        try checkImages(from: current, to: version, in: table)
        try checkCounts(of: table)
        if let current, current.isTombstone {
            try store.delete(.tombstones, TombstoneKey.key(table.number, current.stamp.time, key))
        }
        if version.isTombstone {
            if engine.settings.plantedBugs.contains(.deletesLeaveNothing) {
                try store.delete(.items, row)
            } else {
                let mark = TombstoneKey.key(table.number, version.stamp.time, key)
                try store.put(.tombstones, mark, [])
                try store.put(.items, row, version.encoded())
            }
        } else {
            try store.put(.items, row, version.encoded())
        }
        let wasLive = current.map { !$0.isTombstone } ?? false
        try adjust(
            table.number,
            items: (version.isTombstone ? 0 : 1) - (wasLive ? 1 : 0),
            bytes: version.sizeBytes - (current?.sizeBytes ?? 0),
        )
        if let expiry = table.state.expiry {
            try keepExpiry(expiry, of: current, by: version, at: key)
        }
        if table.state.isStreaming { try record(current, by: version, in: table, at: key) }
        if table.id == .system { noteDescription(key, of: table) }
        guard !table.indexes.isEmpty else { return WriteEffects() }
        if engine.settings.plantedBugs.contains(.indexOutsideTransaction) {
            lateIndexWork.append { group in
                _ = try group.maintainIndexes(
                    of: table,
                    at: key,
                    from: current,
                    to: version,
                )
            }
            return WriteEffects()
        }
        return try maintainIndexes(of: table, at: key, from: current, to: version)
    }

    func adjust(_ table: UInt32, items: Int, bytes: Int) throws {
        guard items != 0 || bytes != 0 else { return }
        var counts = try counts(of: table)
        counts.items += Int64(items)
        counts.bytes += Int64(bytes)
        setCounts(counts, of: table)
    }

    func setCounts(_ counts: TableCounts, of index: IndexNumber) {
        engine.indexCounts[index] = counts
        touchedIndexCounts.insert(index)
    }

    func forgetCounts(of index: IndexNumber) {
        engine.indexCounts[index] = nil
        touchedIndexCounts.remove(index)
    }

    func forgetIndexCounts(of table: UInt32) {
        for index in engine.indexCounts.keys where index.table == table {
            forgetCounts(of: index)
        }
    }

    func clearCounts(_ table: UInt32) { setCounts(TableCounts(), of: table) }

    func setCounts(_ counts: TableCounts, of table: UInt32) {
        engine.counts[table] = counts
        touchedCounts.insert(table)
    }

    func counts(of table: UInt32) throws -> TableCounts {
        if let counts = engine.counts[table] { return counts }
        let row = try store.get(.meta, MetaKey.counts(of: table))
        let counts = try row.map(TableCounts.init(decoding:)) ?? TableCounts()
        engine.counts[table] = counts
        return counts
    }

    /// Throws where the counts cannot be read that a write to a table changes, before it has changed anything.
    func checkCounts(of table: Table) throws {
        _ = try counts(of: table.number)
        for index in table.indexes { _ = try counts(of: index.number) }
    }

    /// Counts rows of the history that came or went; stored with the clock when the group finishes.
    func historyChanged(added: Int = 0, removed: UInt64 = 0) {
        engine.historyBytes += UInt64(added)
        precondition(engine.historyBytes >= removed, "what goes from the history was counted")
        engine.historyBytes -= removed
        clockMoved = true
    }

    /// Changes what this region knows of a table; stored when the group finishes.
    func changeState(_ table: TableID, _ body: (inout TableState) -> Void) {
        engine.catalog.update(table) { body(&$0.state) }
        touchedTables.insert(table)
    }

    /// Whether this group has changed what the region knows of a table.
    func isTouched(_ table: TableID) -> Bool { touchedTables.contains(table) }

    func forgetState(_ table: TableID) {
        touchedTables.remove(table)
    }

    func observe(_ time: HybridTime) {
        guard time > engine.clock.last else { return }
        engine.clock.observe(time)
        clockMoved = true
    }

    /// A time of which descriptions take note when the group finishes.
    private func noteDescription(_ key: [UInt8], of table: Table) {
        guard let item = try? ItemKey(stored: key).keyItem(schema: table.schema),
            case .string(let text) = item["table"]
        else { return }
        if text.string == FenceItem.partition { areFencesTouched = true }
        if let id = TableID(text.string) { touchedDescriptions.insert(id) }
    }

    /// Has a description followed once more, as if it had been touched.
    func noteDescription(of id: TableID) {
        touchedDescriptions.insert(id)
    }

    /// Brings the catalog up to what the group has written and merged so far.
    ///
    /// Each piece of work begins with it: one that changes a description starts from the present
    /// one, and does not take back what came just before it in the same group.
    func settleDescriptions() throws {
        // A reaction may write parts itself; each round settles what the one before touched.
        while !touchedDescriptions.isEmpty || areFencesTouched {
            if areFencesTouched {
                areFencesTouched = false
                try settleFences()
            }
            let ids = touchedDescriptions.sorted()
            touchedDescriptions.removeAll()
            for id in ids { try settleDescription(of: id) }
        }
    }

    private func tick() -> HybridTime {
        clockMoved = true
        if engine.settings.plantedBugs.contains(.wallClockTimes) {
            engine.clock = HybridClock(after: HybridTime(milliseconds: wallMilliseconds))
            return engine.clock.last
        }
        return engine.clock.next(wallMilliseconds: wallMilliseconds)
    }

    private func appendSegment() throws {
        let segment = Segment(
            sequence: engine.changes,
            count: recordCount,
            tables: recordTables.sorted(),
            records: records.bytes,
        )
        let key = SegmentKey.key(origin: engine.origin, last: lastTime, number: 0)
        try putHistory(key, segment)
        engine.changes += UInt64(recordCount)
        ownMoved = true
    }

    private func saveState(_ id: TableID) throws {
        guard let table = engine.catalog[id: id] else { return }
        try store.put(.tables, TableKey.key(id), table.state.encoded())
        engine.catalogChanged()
    }

    private func saveClock() throws {
        engine.ownBefore = engine.own
        if ownMoved { engine.own = engine.clock.last }
        let row = ClockRow(
            last: engine.clock.last,
            own: engine.own,
            changes: engine.changes,
            historyBytes: engine.historyBytes,
        )
        try store.put(.meta, MetaKey.clock, row.encoded())
    }
}

/// The keys of `Keyspace.tables`.
enum TableKey {
    static func key(_ id: TableID) -> [UInt8] {
        var writer = ByteWriter(reserving: 16)
        writer.table(id)
        return writer.bytes
    }
}

/// The keys of `Keyspace.tombstones`.
enum TombstoneKey {
    static func key(_ table: UInt32, _ time: HybridTime, _ item: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reserving: 12 + item.count)
        writer.uint32(table)
        writer.time(time)
        writer.raw(item)
        return writer.bytes
    }

    static let headBytes = 12
}
