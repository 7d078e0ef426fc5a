package import Causality
package import Changes
package import Wire

/// What a writing operation works with: the table, the current versions, and `write`.
///
/// An operation reads and checks everything first and writes last: once it has written it must not
/// throw a `ServiceError`, since what it wrote is kept with the group it runs in. All writes of one
/// operation share one time, which no other operation has.
package struct WriteContext: ~Copyable {
    let group: WriteGroup
    private var time: HybridTime?
    private var ordinal: UInt16 = 0
    /// How many items the operation writes, if it is a transaction; else 0.
    private var transactionItems: UInt8 = 0

    init(group: WriteGroup) {
        self.group = group
    }

    package var wallMilliseconds: UInt64 { group.wallMilliseconds }

    /// The table, if applications may write to it here.
    package func table(_ name: String) throws(ServiceError) -> Table {
        try group.engine.catalog.writableTable(name)
    }

    /// The same where little is derived from its items; nil for any other, of which `table` says what is so.
    func plainTable(_ name: String) -> PlainTable? { group.engine.plainTable(name) }

    /// Refuses an operation while a fence keeps writes out: one that runs behind it asks before it
    /// writes.
    func checkNotFenced() throws(ServiceError) {
        try group.checkNotFenced()
    }

    /// The version stored at a key: an item, a tombstone, or nil where nothing is known.
    package func version(of table: Table, at key: [UInt8]) throws -> Version? {
        try group.version(of: table, at: key)
    }

    /// Calls `body` with what is stored at a key, where it lies.
    func withPresent<Result>(
        of table: Table,
        at key: [UInt8],
        _ body: (Present) throws -> Result,
    ) throws -> Result {
        try group.withPresent(of: table, at: key, body)
    }

    /// Stores a new image, or for nil a tombstone, over the version that `version(of:at:)` gave.
    ///
    /// `image` is the item's stored form, `sizeBytes` its size by the API's rules, 0 for a delete.
    /// `expired` is the current version's stamp where time to live deletes it, else nil.
    @discardableResult
    package mutating func write(
        _ image: [UInt8]?,
        sizeBytes: Int,
        to table: Table,
        at key: [UInt8],
        over current: Version?,
        expired: Stamp? = nil,
    ) throws -> WriteEffects {
        let time = time ?? group.newTime()
        self.time = time
        defer { ordinal += 1 }
        return try group.write(
            image,
            sizeBytes: sizeBytes,
            to: table,
            at: key,
            over: current,
            time: time,
            ordinal: ordinal,
            expired: expired,
            transactionItems: transactionItems,
        )
    }

    /// The same over what `withPresent` gave; `image` is not nil.
    @discardableResult
    mutating func write(
        _ image: [UInt8],
        sizeBytes: Int,
        to table: Table,
        at key: [UInt8],
        over present: Present,
    ) throws -> WriteEffects {
        if group.engine.writesPlainly, let target = PlainTarget(table),
            let effects = try writePlainly(image, sizeBytes: sizeBytes, to: target, over: present)
        {
            return effects
        }
        let current = try present.version()
        return try write(image, sizeBytes: sizeBytes, to: table, at: key, over: current)
    }

    /// The same to a plain table, of which nothing else has effects.
    mutating func write(
        _ image: [UInt8],
        sizeBytes: Int,
        to table: PlainTable,
        over present: Present,
    ) throws {
        let target = table.target
        if try writePlainly(image, sizeBytes: sizeBytes, to: target, over: present) != nil {
            return
        }
        guard let whole = group.engine.catalog[id: target.id] else {
            preconditionFailure("a plain table is in its catalog")
        }
        let (current, key) = (try present.version(), [UInt8](present.key))
        try write(image, sizeBytes: sizeBytes, to: whole, at: key, over: current)
    }

    private mutating func writePlainly(
        _ image: [UInt8],
        sizeBytes: Int,
        to target: PlainTarget,
        over present: Present,
    ) throws -> WriteEffects? {
        guard present.isPlain else { return nil }
        let time = time ?? group.newTime()
        self.time = time
        let effects = try group.writePlainly(
            image,
            sizeBytes: sizeBytes,
            to: target,
            over: present,
            time: time,
            ordinal: ordinal,
            transactionItems: transactionItems,
        )
        if effects != nil { ordinal += 1 }
        return effects
    }

    /// Has each write from here on say that it is one of so many which belong together.
    mutating func beginTransaction(items: Int) {
        transactionItems = items > 1 ? UInt8(clamping: items) : 0
    }

    /// Refuses a write that would make an item collection too large; `image` and `sizeBytes` are the
    /// item's after it.
    package func checkCollection(
        of table: Table,
        at key: [UInt8],
        image: [UInt8]?,
        sizeBytes: Int,
        over current: Version?,
    ) throws {
        guard let image, let bytes = try collectionBytes(of: table, at: key) else { return }
        try table.checkCollection(
            room: collectionBytesMax - bytes,
            from: current,
            to: image,
            sizeBytes: sizeBytes,
        )
    }

    /// The same over what `withPresent` gave.
    func checkCollection(
        of table: Table,
        at key: [UInt8],
        image: [UInt8],
        sizeBytes: Int,
        over present: Present,
    ) throws {
        guard table.hasLocalIndexes else { return }
        try checkCollection(
            of: table,
            at: key,
            image: image,
            sizeBytes: sizeBytes,
            over: present.version(),
        )
    }

    /// The size of an item's collection; nil for a table without local indexes.
    package func collectionBytes(of table: Table, at key: [UInt8]) throws -> Int64? {
        try group.collectionBytes(of: table, at: key)
    }

    /// The size that no collection grows beyond.
    package var collectionBytesMax: Int64 { group.engine.settings.collectionBytesMax }
}
