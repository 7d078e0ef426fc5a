package import Causality

/// What `globalctl verify --repair` asks of items that differ: what the region shows under their keys,
/// as stored, and what its history holds of them.
package struct TraceRequest: Equatable, Sendable {
    package var table: TableID
    package var keys: [[UInt8]]
    /// Changes from this time on are asked for.
    package var since: HybridTime

    package init(table: TableID, keys: [[UInt8]], since: HybridTime) {
        self.table = table
        self.keys = keys
        self.since = since
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 4096)
        writer.table(table)
        writer.time(since)
        writer.count(keys.count)
        for key in keys { writer.block(key) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            let since = try reader.time()
            var keys: [[UInt8]] = []
            for _ in 0..<(try reader.count(bytesEach: 1)) { keys.append(try reader.block()) }
            return TraceRequest(table: table, keys: keys, since: since)
        }
    }
}

/// One region's evidence about some items, from one snapshot.
package struct TraceReply: Equatable, Sendable {
    package struct Item: Equatable, Sendable {
        /// The row as stored; nil for none.
        package var stored: [UInt8]?
        package var isQuarantined: Bool
        /// The greatest that the history holds of it, in a version's stored form; nil for none.
        package var greatest: [UInt8]?

        package init(stored: [UInt8]?, isQuarantined: Bool, greatest: [UInt8]?) {
            self.stored = stored
            self.isQuarantined = isQuarantined
            self.greatest = greatest
        }
    }

    package var vector: VersionVector
    /// The floor of every absent item.
    package var base: HybridTime
    /// From when on the history holds all that the vector covers, whatever its origin.
    package var wholeFrom: HybridTime
    /// In the order asked: of all keys, or of the first ones, as many as an answer may hold.
    package var items: [Item]

    package init(vector: VersionVector, base: HybridTime, wholeFrom: HybridTime, items: [Item]) {
        self.vector = vector
        self.base = base
        self.wholeFrom = wholeFrom
        self.items = items
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 4096)
        writer.vector(vector)
        writer.time(base)
        writer.time(wholeFrom)
        writer.count(items.count)
        for item in items {
            var flags = item.isQuarantined ? Item.quarantinedFlag : 0
            if item.stored != nil { flags |= Item.storedFlag }
            if item.greatest != nil { flags |= Item.tracedFlag }
            writer.byte(flags)
            if let stored = item.stored { writer.block(stored) }
            if let greatest = item.greatest { writer.block(greatest) }
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let vector = try reader.vector()
            let base = try reader.time()
            let wholeFrom = try reader.time()
            var items: [Item] = []
            for _ in 0..<(try reader.count(bytesEach: 1)) {
                let flags = try reader.byte()
                items.append(
                    Item(
                        stored: flags & Item.storedFlag != 0 ? try reader.block() : nil,
                        isQuarantined: flags & Item.quarantinedFlag != 0,
                        greatest: flags & Item.tracedFlag != 0 ? try reader.block() : nil,
                    )
                )
            }
            return TraceReply(vector: vector, base: base, wholeFrom: wholeFrom, items: items)
        }
    }
}

extension TraceReply.Item {
    fileprivate static let storedFlag: UInt8 = 1
    fileprivate static let quarantinedFlag: UInt8 = 2
    fileprivate static let tracedFlag: UInt8 = 4
}

/// What `globalctl verify --repair` has a region do with one item; no new stamp is made.
package struct RepairRequest: Equatable, Sendable {
    package enum Manner: Equatable, Sendable {
        /// Merge the version by the ordinary rule; a loser goes to the conflict log.
        case merge
        /// Put it where the region holds no or another image under its stamp, which the histories show
        /// to be wrong: only if the row is still the one seen (nil: none).
        case restore(over: [UInt8]?)
    }

    package var table: TableID
    package var key: [UInt8]
    /// In stored form.
    package var version: [UInt8]
    package var manner: Manner

    package init(table: TableID, key: [UInt8], version: [UInt8], manner: Manner) {
        self.table = table
        self.key = key
        self.version = version
        self.manner = manner
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256 + version.count)
        writer.table(table)
        writer.block(key)
        writer.block(version)
        switch manner {
        case .merge: writer.byte(0)
        case .restore(nil): writer.byte(1)
        case .restore(let row?):
            writer.byte(2)
            writer.block(row)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            let key = try reader.block()
            let version = try reader.block()
            let manner: Manner
            switch try reader.byte() {
            case 0: manner = .merge
            case 1: manner = .restore(over: nil)
            case 2: manner = .restore(over: try reader.block())
            default: throw MalformedBytes("unknown manner of a repair")
            }
            return RepairRequest(table: table, key: key, version: version, manner: manner)
        }
    }
}
