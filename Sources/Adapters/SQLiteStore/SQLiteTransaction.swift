import CSQLite
import Engine

/// The writing half of the engine's protocol: its own operations over everything committed before.
///
/// The file has the keys of a keyspace in their order; what is pending has a table by key, which a
/// walk puts in order first.
final class SQLiteTransaction: StoreTransaction {
    var isOver = false
    /// The first failed change.
    ///
    /// A body that swallows it still does not get its transaction.
    private(set) var failure: StoreError?
    private let view: OverlayView
    private let items: NewestItems
    private let pending: PendingCommit
    private let log: CommitLog
    /// How many walks over a keyspace are under way, by ordinal; empty before the first.
    // Nothing that is called while it is changed comes back here.
    @exclusivity(unchecked) private var walks: [Int] = []

    init(
        _ pending: PendingCommit,
        over view: OverlayView,
        _ items: NewestItems,
        log: CommitLog,
    ) {
        self.pending = pending
        self.view = view
        self.items = items
        self.log = log
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        precondition(!isOver, "A transaction is used inside its body only.")
        let word = key.withUnsafeBytes { pending.word(keyspace.ordinal, Entry($0)) }
        switch word {
        case .put(let entry): return try entry.value
        case .deleted: return nil
        case .none: return try view.get(keyspace, key)
        }
    }

    func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        precondition(!isOver, "A transaction is used inside its body only.")
        let entry = Entry(key)
        let hash = NewestEntries.hash(entry)
        switch pending.word(keyspace.ordinal, entry, hash) {
        // The record keeps outgrown memory until it is done, so the bytes stay.
        case .put(let entry): try body(entry.valueBytes)
        case .deleted: try body(nil)
        case .none where keyspace == .items && items.areWhole:
            guard let found = items.find(entry, hash) else {
                return try view.lookInFile(keyspace, key, body)
            }
            guard !found.isDelete else { return try body(nil) }
            try found.withValue(body)
        case .none: try view.look(keyspace, key, body)
        }
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        precondition(!isOver, "A transaction is used inside its body only.")
        beginWalk(keyspace)
        defer { walks[keyspace.ordinal] -= 1 }
        let runs = runs(keyspace, from: from, to: to)
        try view.range(keyspace, over: runs, from: from, to: to, reversed: reversed, body)
    }

    func sizes(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ valueBytes: Int) throws -> Bool,
    ) throws {
        precondition(!isOver, "A transaction is used inside its body only.")
        beginWalk(keyspace)
        defer { walks[keyspace.ordinal] -= 1 }
        let runs = runs(keyspace, from: from, to: to)
        try view.sizes(keyspace, over: runs, from: from, to: to, body)
    }

    private func beginWalk(_ keyspace: Keyspace) {
        if walks.isEmpty { walks = Array(repeating: 0, count: Keyspace.allCases.count) }
        walks[keyspace.ordinal] += 1
    }

    /// What was written since the file's state, in this transaction too.
    private func runs(_ keyspace: Keyspace, from: [UInt8], to: [UInt8]?) -> [Run] {
        let own = from.withUnsafeBytes { lower in
            guard let to else { return pending.run(keyspace.ordinal, from: Entry(lower), to: nil) }
            return to.withUnsafeBytes { upper in
                pending.run(keyspace.ordinal, from: Entry(lower), to: Entry(upper))
            }
        }
        let committed = view.overlay.runs[keyspace.ordinal]
        return own.map { [$0] + committed } ?? committed
    }

    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) throws(StoreError) {
        try change(keyspace, key, value) { ordinal, key, value throws(StoreError) in
            try pending.put(ordinal, key, value)
            log.writeAhead(pending)
        }
    }

    func put(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
    ) throws(StoreError) {
        try put(keyspace, key, value, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    func put(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ head: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer,
    ) throws(StoreError) {
        checkChange(keyspace)
        do throws(StoreError) {
            try pending.put(keyspace.ordinal, key, head, tail)
            log.writeAhead(pending)
        } catch {
            failure = failure ?? error
            throw error
        }
    }

    func delete(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) {
        try change(keyspace, key, []) { ordinal, key, _ throws(StoreError) in
            try pending.delete(ordinal, key)
        }
    }

    func deleteRange(_ keyspace: Keyspace, from: [UInt8], to: [UInt8]?) throws(StoreError) {
        try change(keyspace, from, to ?? []) { ordinal, from, upper throws(StoreError) in
            try pending.deleteRange(ordinal, from: from, to: to == nil ? nil : upper)
        }
    }

    private func checkChange(_ keyspace: Keyspace) {
        precondition(!isOver, "A transaction is used inside its body only.")
        precondition(
            walks.isEmpty || walks[keyspace.ordinal] == 0,
            "A keyspace is not changed while walked over.",
        )
    }

    private func change(
        _ keyspace: Keyspace,
        _ first: [UInt8],
        _ second: [UInt8],
        _ body: (Int, UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(StoreError) -> Void,
    ) throws(StoreError) {
        checkChange(keyspace)
        let failed: StoreError? = first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                do throws(StoreError) {
                    try body(keyspace.ordinal, first, second)
                    return nil
                } catch {
                    return error
                }
            }
        }
        guard let failed else { return }
        failure = failure ?? failed
        throw failed
    }
}
