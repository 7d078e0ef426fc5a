import Engine

/// The operations of a transaction that is not committed yet: the newest layer of its view.
///
/// They stand in the record that will go to the log, in the order in which they were made; beside
/// it, each keyspace has a table of where the latest word on each key is.
final class PendingCommit {
    private let buffer = RecordBuffer()
    private let keyspaces = (0..<Keyspace.allCases.count).map { _ in PendingKeyspace() }
    /// The keyspaces with operations: a write is about four of them.
    private var touched = OrdinalSet()

    init() {
        precondition(keyspaces.count <= OrdinalSet.countMax, "Each keyspace has its bit.")
    }

    var isEmpty: Bool { buffer.isEmpty }
    var body: UnsafeRawBufferPointer { buffer.body }

    /// Gives memory back that only large transactions need.
    func drain() {
        buffer.drain()
    }

    func clear() {
        buffer.clear()
        while let ordinal = touched.popFirst() { keyspaces[ordinal].clear() }
    }

    /// The value may be in two parts, one after the other.
    func put(
        _ ordinal: Int,
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    ) throws(StoreError) {
        touched.insert(ordinal)
        let offset = try buffer.add(.put, ordinal, key, value, tail)
        let count = Int32(truncatingIfNeeded: value.count + tail.count)
        keyspaces[ordinal].set(Entry(key), value: count, at: offset, in: body)
    }

    func delete(_ ordinal: Int, _ key: UnsafeRawBufferPointer) throws(StoreError) {
        touched.insert(ordinal)
        let offset = try buffer.add(
            .delete,
            ordinal,
            key,
            UnsafeRawBufferPointer(start: nil, count: 0)
        )
        keyspaces[ordinal].set(Entry(key), value: Entry.deleted, at: offset, in: body)
    }

    func deleteRange(
        _ ordinal: Int,
        from: UnsafeRawBufferPointer,
        to: UnsafeRawBufferPointer?,
    ) throws(StoreError) {
        touched.insert(ordinal)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        _ = try buffer.add(to == nil ? .deleteFrom : .deleteRange, ordinal, from, to ?? none)
        keyspaces[ordinal].deleteRange(from: Array(from), to: to.map { Array($0) }, in: body)
    }

    enum Word {
        case put(Entry)
        case deleted
        /// The transaction has said nothing of the key.
        case none
    }

    /// What the transaction has made of a key, whose hash may be known; the entry's bytes hold until the
    /// next operation.
    func word(_ ordinal: Int, _ key: Entry, _ hash: UInt64? = nil) -> Word {
        let keyspace = keyspaces[ordinal]
        if let found = keyspace.find(key, hash, in: body) {
            return found.isDelete ? .deleted : .put(found)
        }
        return keyspace.spans.covers(key) ? .deleted : .none
    }

    /// What the transaction has made of a range, for walking over; nil where it has done nothing.
    ///
    /// Its bytes hold until `clear`.
    func run(_ ordinal: Int, from: Entry, to: Entry?) -> Run? {
        let keyspace = keyspaces[ordinal]
        guard keyspace.isTouched else { return nil }
        let entries = keyspace.entries(in: body).filter { entry in
            entry.order(from) >= 0 && to.map { entry.order($0) < 0 } ?? true
        }
        return Run(
            entries: entries.sorted { $0.order($1) < 0 },
            spans: keyspace.spans,
            arena: nil,
        )
    }

    /// The whole as runs, their bytes in `arena`; each with its keyspace's ordinal.
    ///
    /// The operations stand in the log from `place` on: some large values are left there (`LoggedValue`).
    /// - Returns: how much memory it takes, in bytes.
    func keep(
        in arena: Arena,
        from log: LogFile,
        at place: Int,
        besideLarge isLarge: Bool,
        _ body: (Run, _ ordinal: Int) -> Void,
    ) throws(StoreError) -> Int {
        var bytes = 0
        arena.hold(log)
        var rest = touched
        while let ordinal = rest.popFirst() {
            let keyspace = keyspaces[ordinal]
            guard keyspace.isTouched else { continue }
            var entries = keyspace.entries(in: self.body)
            entries.sort { $0.order($1) < 0 }
            let mayLeave = LoggedValue.mayHold(Keyspace.allCases[ordinal], besideLarge: isLarge)
            for index in entries.indices {
                let entry = entries[index]
                if mayLeave,
                    let logged = try entry.logged(
                        in: log,
                        at: place + offset(of: entry),
                        keyIn: arena
                    )
                {
                    entries[index] = logged
                    bytes += logged.residentBytes
                } else {
                    entries[index] = try entry.kept(in: arena)
                    bytes += entry.byteCount
                }
            }
            let run = Run(entries: entries, spans: keyspace.spans, arena: arena)
            bytes += run.weight * MemoryLayout<Entry>.stride
            body(run, ordinal)
        }
        return bytes
    }

    /// Where in the body an entry's bytes are.
    private func offset(of entry: Entry) -> Int {
        body.baseAddress.map { entry.key - $0 } ?? 0
    }

    /// The record as it goes to the log.
    func sealed(number: UInt64, checksum: UInt64, salt: UInt64) -> UnsafeRawBufferPointer {
        buffer.sealed(number: number, checksum: checksum, salt: salt)
    }
}

/// Ordinals of keyspaces, given out from the least on.
struct OrdinalSet {
    static let countMax = UInt64.bitWidth
    private var bits: UInt64 = 0

    /// The ordinal is less than `countMax`.
    mutating func insert(_ ordinal: Int) {
        bits |= 1 << UInt64(ordinal)
    }

    mutating func popFirst() -> Int? {
        guard bits != 0 else { return nil }
        defer { bits &= bits - 1 }
        return bits.trailingZeroBitCount
    }
}
