/// The named, ordered sets of keys that a region keeps.
///
/// The raw value is the name on disk.
package enum Keyspace: String, CaseIterable, Sendable {
    /// Single values: format, origin, clock, own applied time (`MetaKey`).
    case meta
    /// `(table number, hash, partition key, sort key)` → version: stamp, vector, floor and image.
    case items
    /// `(origin, last time)` → the changes of one origin between two times: one *segment*.
    case history
    /// `origin` → the tables' applied times for that origin (`AppliedTimes`).
    case applied
    /// `table id` → what this region alone knows of a table: number, state, base (`TableState`).
    case tables
    /// `(table number, time, item key)` → nothing: tombstones in the order in which they may go.
    case tombstones
    /// `(table number, time of detection, loser's stamp, item key)` → a conflict's two versions
    /// (`ConflictRecord`).
    case conflicts
    /// `region` → the vectors of a peer as last told (`PeerKnowledge`).
    case peers
    /// `(source region, target region)` → counters of what arrived (`LinkAccount`).
    case accounts
    /// `(period, operation, client request token)` → what the token was first used for
    /// (`RequestToken`).
    case tokens
    /// `(table name, label)` → a stream, of a table that may be gone (`StreamRow`).
    case streams
    /// `(stream number, place)` → a shard of a stream (`ShardRow`).
    case shards
    /// `(stream number, last sequence)` → changes of items' states (`StreamSegment`).
    case records
    /// `(expiry number, seconds since 1970, item key)` → nothing: items by when they expire.
    case expiries
    /// `(table number, index number, index key, item key)` → an item's entry in a secondary index:
    /// size and projected image (`IndexEntry`).
    case indexes
    /// `(table number, hash, partition key)` → the size of an item collection, for tables with
    /// local indexes.
    case collections
    /// `(table number, item key, sequence)` → a change that could not be applied, or that waits
    /// behind one (`QuarantineRecord`).
    case quarantine
    /// `(table number, time, stamp, item key)` → a change that an operator took out of quarantine
    /// without merging it (`DiscardRecord`).
    case discards
    /// `(table id, item key, stamp, ordinal)` → a change that went to nobody before the region was
    /// removed from the table (`UnshippedRecord`).
    case unshipped
}

/// The world failed: a store could not do what was asked.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was attempted, for example `put items` or the SQL text; never a value.
    package let attempt: String
    /// The store's own code and words.
    package let code: Int
    package let message: String

    package init(attempt: String, code: Int, message: String) {
        self.attempt = attempt
        self.code = code
        self.message = message
    }

    package var description: String { "\(attempt): \(message) (code \(code))" }
}

/// One consistent view of a store.
///
/// Keys are ordered by their bytes, unsigned, a prefix before what it prefixes.
package protocol StoreReader {
    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]?

    /// Calls `body` with a key's value where it lies, or with nil where there is none.
    ///
    /// `get` without a copy, for the few places that read by the ten thousand. The value is valid
    /// during the call, in which the same transaction may be written to.
    func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws

    /// Calls `body` for each pair with `from` ≤ key < `to` (to the end where `to` is nil), in key
    /// order or, if `reversed`, in the opposite one, until it returns false.
    ///
    /// The buffers are valid during the call only. The keyspace must not be changed meanwhile.
    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws

    /// Calls `body` with the keys of a range in ascending order and the sizes of their values, which
    /// need not be read for that, until it answers false.
    func sizes(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ valueBytes: Int) throws -> Bool,
    ) throws
}

/// A view that is written through: what it put is what it gets.
///
/// All or nothing of it is kept.
package protocol StoreTransaction: StoreReader {
    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) throws(StoreError)
    /// The same with bytes that need not outlive the call.
    func put(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
    ) throws(StoreError)
    /// The same with a value that is in two parts, one after the other.
    func put(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ head: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer,
    ) throws(StoreError)
    func delete(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError)
    /// Deletes all keys with `from` ≤ key < `to`.
    func deleteRange(_ keyspace: Keyspace, from: [UInt8], to: [UInt8]?) throws(StoreError)
}

extension StoreReader {
    package func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        guard let value = try get(keyspace, Array(key)) else { return try body(nil) }
        try value.withUnsafeBytes { try body($0) }
    }

    package func sizes(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ valueBytes: Int) throws -> Bool,
    ) throws {
        try range(keyspace, from: from, to: to, reversed: false) { try body($0, $1.count) }
    }
}

extension StoreTransaction {
    package func put(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
    ) throws(StoreError) {
        try put(keyspace, Array(key), Array(value))
    }

    package func put(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ head: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer,
    ) throws(StoreError) {
        try put(keyspace, Array(key), Array(head) + Array(tail))
    }
}

/// What the engine asks of a store.
///
/// One writer at a time; readers beside it, each on a snapshot of its own. When `write` returns,
/// what it wrote survives any crash.
package protocol Store {
    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result
    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result
}
