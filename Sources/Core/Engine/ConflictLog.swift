package import Causality
package import Changes

/// The keys of `Keyspace.conflicts`: table, time of detection, loser's stamp, item.
///
/// A record's key is its id. In one table ids grow from record to record, so that whoever has read
/// through one can go on behind it.
package struct ConflictKey: Equatable, Sendable {
    package let table: UInt32
    package let detectedMilliseconds: UInt64
    package let loser: Stamp
    package let item: [UInt8]

    package static func key(
        table: UInt32,
        detected: UInt64,
        item: [UInt8],
        loser: Stamp,
    ) -> [UInt8] {
        var writer = ByteWriter(reserving: 64 + item.count)
        writer.uint32(table)
        writer.uint64(detected)
        writer.stamp(loser)
        writer.raw(item)
        return writer.bytes
    }

    /// Not greater than any key of a table's records from `milliseconds` on.
    package static func first(table: UInt32, from milliseconds: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: 12)
        writer.uint32(table)
        writer.uint64(milliseconds)
        return writer.bytes
    }

    package init(decoding key: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var reader = ByteReader(key)
        table = try reader.uint32()
        detectedMilliseconds = try reader.uint64()
        loser = try reader.stamp()
        item = [UInt8](reader.rest())
    }

    package init(decoding key: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(key, whole: false) { (reader) throws(MalformedBytes) in
            try ConflictKey(decoding: reader.rest())
        }
    }
}

/// What a table's conflict log holds and has held; moves with its records.
package struct ConflictTotals: Equatable, Sendable {
    /// Records held, and the bytes of their keys and values.
    package var held: UInt64 = 0
    package var heldBytes: UInt64 = 0
    /// Records ever written.
    package var logged: UInt64 = 0
    /// Those whose loser was part of a transaction.
    package var torn: UInt64 = 0
    /// Records dropped since, by age or by size.
    package var dropped: UInt64 = 0
    /// The latest time of detection among the dropped, in milliseconds since 1970: the log is
    /// complete behind it.
    package var droppedThroughMilliseconds: UInt64 = 0
    /// The latest time of detection of all: the next is not before it, whatever the clock does.
    package var lastMilliseconds: UInt64 = 0

    package init() {}

    /// Those of the table with a local number.
    package static func read(
        of number: UInt32,
        from store: any StoreReader,
    ) throws -> ConflictTotals {
        guard let bytes = try store.get(.meta, MetaKey.conflicts(of: number)) else {
            return ConflictTotals()
        }
        return try ConflictTotals(decoding: bytes)
    }

    /// Those of all tables that ever had a conflict, by their local numbers.
    package static func all(
        in store: any StoreReader
    ) throws -> [(number: UInt32, totals: ConflictTotals)] {
        var all: [(number: UInt32, totals: ConflictTotals)] = []
        let prefix = MetaKey.conflictsPrefix
        try store.range(
            .meta,
            from: prefix,
            to: MetaKey.conflicts(of: .max) + [0],
            reversed: false,
        ) { key, value in
            let number = try ByteReader.reading([UInt8](key[prefix.count...])) {
                (reader) throws(MalformedBytes) in
                try reader.uint32()
            }
            all.append((number, try ConflictTotals(decoding: [UInt8](value))))
            return true
        }
        return all
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var totals = ConflictTotals()
            totals.held = try reader.uint64()
            totals.heldBytes = try reader.uint64()
            totals.logged = try reader.uint64()
            totals.torn = try reader.uint64()
            totals.dropped = try reader.uint64()
            totals.droppedThroughMilliseconds = try reader.uint64()
            totals.lastMilliseconds = try reader.uint64()
            return totals
        }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 56)
        for value in [
            held, heldBytes, logged, torn, dropped, droppedThroughMilliseconds, lastMilliseconds,
        ] { writer.uint64(value) }
        return writer.bytes
    }

    mutating func added(bytes: Int, isTorn: Bool) {
        held += 1
        heldBytes += UInt64(bytes)
        logged += 1
        if isTorn { torn += 1 }
    }

    /// Directories of earlier versions hold records that were never counted.
    mutating func removed(_ count: UInt64, bytes: UInt64, through milliseconds: UInt64) {
        held -= min(held, count)
        heldBytes -= min(heldBytes, bytes)
        dropped += count
        droppedThroughMilliseconds = max(droppedThroughMilliseconds, milliseconds)
    }
}

/// Which records of a region's conflict log are wanted, and from where on.
package struct ConflictQuery: Sendable {
    /// Only those of this table.
    package var table: Table?
    /// Only those of this item.
    package var item: [UInt8]?
    /// Only those noticed at or after this time, in milliseconds since 1970.
    package var since: UInt64 = 0
    /// Only those noticed before this time.
    package var until: UInt64 = .max
    /// Only those whose loser was written in this region.
    package var origin: String?
    /// Only torn transactions.
    package var isTornOnly = false
    /// For each table, by its local number, a key up to which records are known already.
    package var seen: [UInt32: [UInt8]] = [:]

    package init() {}

    /// Calls `body` for each record wanted, in the order of their tables' numbers and their keys, until
    /// it returns false or `examinedMax` rows have been looked at.
    ///
    /// - Returns: the key to go on behind; nil if nothing is left.
    package func walk(
        _ catalog: TableCatalog,
        _ store: any StoreReader,
        examinedMax: Int,
        _ body: (_ key: [UInt8], _ record: ConflictRecord) throws -> Bool,
    ) throws -> [UInt8]? {
        var left = examinedMax
        var last: [UInt8]?
        var isCut = false
        let tables = table.map { [$0] } ?? catalog.all.sorted { $0.number < $1.number }
        for table in tables where !isCut {
            var from = ConflictKey.first(table: table.number, from: since)
            if let seen = seen[table.number], !seen.lexicographicallyPrecedes(from) {
                from = seen + [0]
            }
            let end =
                until == .max ? table.rowEnd : ConflictKey.first(table: table.number, from: until)
            guard from.lexicographicallyPrecedes(end) else { continue }
            try store.range(.conflicts, from: from, to: end, reversed: false) { key, value in
                if left <= 0 {
                    isCut = true
                    return false
                }
                left -= 1
                let key = [UInt8](key)
                let parts = try ConflictKey(decoding: key)
                guard isWanted(parts) else {
                    last = key
                    return true
                }
                let record = try ConflictRecord(decoding: [UInt8](value))
                if !isTornOnly || record.isTorn, try !body(key, record) {
                    isCut = true
                    return false
                }
                last = key
                return true
            }
        }
        return isCut ? last : nil
    }

    private func isWanted(_ key: ConflictKey) -> Bool {
        if let item, item != key.item { return false }
        if let origin, origin != key.loser.origin.region { return false }
        return true
    }
}
