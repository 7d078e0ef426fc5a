/// A step of a transaction at which a `MemoryStore` can be made to fail.
package enum StoreStep: Equatable, Sendable {
    case put(Keyspace)
    case delete(Keyspace)
    case commit
}

/// The simulator's store: sorted pairs in memory, for one thread.
///
/// A transaction changes the pairs in place and keeps an undo log, so that its cost does not depend
/// on how much is stored. A crash is a new start on the same object: what was not committed is gone.
package final class MemoryStore: Store {
    /// Called before each step; what it throws aborts the transaction, and nothing of it is kept.
    package var beforeStep: ((StoreStep) throws(StoreError) -> Void)?

    /// One slot per keyspace, by ordinal.
    fileprivate var pairs = Array(repeating: SortedPairs(), count: Keyspace.allCases.count)
    private var isWriting = false

    package init() {}

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try body(snapshot())
    }

    /// The state as committed now; it stays as it is while the writer goes on.
    ///
    /// Taking one is O(1). The first change after it copies the arrays of its keyspace, if the
    /// snapshot still lives.
    package func snapshot() -> some StoreReader {
        precondition(!isWriting, "A snapshot inside a transaction would see what is not committed.")
        return MemorySnapshot(pairs: pairs)
    }

    /// Another store with what is committed now, as a copy of a region's files would hold it.
    package func copy() -> MemoryStore {
        precondition(!isWriting, "A copy inside a transaction would hold what is not committed.")
        let copy = MemoryStore()
        copy.pairs = pairs
        return copy
    }

    package func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        precondition(!isWriting, "There is one writer: a transaction holds no other.")
        isWriting = true
        let transaction = MemoryTransaction(store: self)
        defer {
            transaction.isOver = true
            isWriting = false
        }
        do {
            let result = try body(transaction)
            try transaction.commit()
            return result
        } catch {
            transaction.undo()
            throw error
        }
    }
}

/// A view that nothing changes.
private struct MemorySnapshot: StoreReader {
    let pairs: [SortedPairs]

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        pairs[keyspace.ordinal][key]
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        try pairs[keyspace.ordinal].forEach(from: from, to: to, reversed: reversed, body)
    }
}

/// Changes in place, with what it takes to take them back.
private final class MemoryTransaction: StoreTransaction {
    private enum Undo {
        case set(Keyspace, key: [UInt8], old: [UInt8]?)
        case restore(Keyspace, position: Int, keys: [[UInt8]], values: [[UInt8]])
    }

    var isOver = false
    private let store: MemoryStore
    private var undoLog: [Undo] = []
    /// The first failed step.
    ///
    /// A body that swallows it still does not get its transaction.
    private var failure: StoreError?
    /// How many walks over a keyspace are under way, by ordinal.
    private var walks = Array(repeating: 0, count: Keyspace.allCases.count)

    init(store: MemoryStore) {
        self.store = store
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        precondition(!isOver, "A transaction is used inside its body only.")
        return store.pairs[keyspace.ordinal][key]
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        precondition(!isOver, "A transaction is used inside its body only.")
        walks[keyspace.ordinal] += 1
        defer { walks[keyspace.ordinal] -= 1 }
        // Held by itself: holding the whole of `store.pairs` would make the body's changes of other
        // keyspaces copy them.
        let walked = store.pairs[keyspace.ordinal]
        try walked.forEach(from: from, to: to, reversed: reversed, body)
    }

    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) throws(StoreError) {
        try begin(.put(keyspace), changing: keyspace)
        let old = store.pairs[keyspace.ordinal].set(key, value)
        undoLog.append(.set(keyspace, key: key, old: old))
    }

    func delete(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) {
        try begin(.delete(keyspace), changing: keyspace)
        guard let old = store.pairs[keyspace.ordinal].set(key, nil) else { return }
        undoLog.append(.set(keyspace, key: key, old: old))
    }

    func deleteRange(_ keyspace: Keyspace, from: [UInt8], to: [UInt8]?) throws(StoreError) {
        try begin(.delete(keyspace), changing: keyspace)
        let positions = store.pairs[keyspace.ordinal].positions(from: from, to: to)
        guard !positions.isEmpty else { return }
        let removed = store.pairs[keyspace.ordinal].remove(positions)
        undoLog.append(
            .restore(
                keyspace,
                position: positions.lowerBound,
                keys: removed.keys,
                values: removed.values,
            )
        )
    }

    func commit() throws(StoreError) {
        if let failure { throw failure }
        try begin(.commit, changing: nil)
    }

    func undo() {
        for entry in undoLog.reversed() {
            switch entry {
            case .set(let keyspace, let key, let old):
                store.pairs[keyspace.ordinal].set(key, old)
            case .restore(let keyspace, let position, let keys, let values):
                store.pairs[keyspace.ordinal].restore((keys, values), at: position)
            }
        }
        undoLog = []
    }

    private func begin(_ step: StoreStep, changing keyspace: Keyspace?) throws(StoreError) {
        precondition(!isOver, "A transaction is used inside its body only.")
        if let keyspace {
            precondition(
                walks[keyspace.ordinal] == 0,
                "A keyspace is not changed while walked over."
            )
        }
        guard let beforeStep = store.beforeStep else { return }
        do throws(StoreError) {
            try beforeStep(step)
        } catch {
            failure = failure ?? error
            throw error
        }
    }
}
