import Engine
import SQLiteStore
import Testing

/// Both stores and a naive one, asked the same.
struct StoreModelTests {
    /// From an overlay that is flushed after nearly every commit to one that never is.
    static let bounds = [1, 20_000, 200_000, 32 << 20]

    @Test(arguments: UInt64(1)...8, bounds)
    func `both stores answer the same random operations identically`(
        seed: UInt64,
        overlayBytesMax: Int,
    ) throws {
        let directory = try TemporaryDirectory()
        var world = try World(
            seed: seed,
            directory: directory.path + "/region",
            bounds: StoreBounds(
                overlayBytesMax: overlayBytesMax,
                writeBackPages: seed.isMultiple(of: 3) ? 24_000 : 16,
                valueBytesMin: seed.isMultiple(of: 2) ? 1 : 1_000,
                valueFileBytesMax: 50_000,
                // No file is too small for one that is too large to be mapped.
                mappedBytesMax: seed % 4 < 2 ? 1 : 160 << 20,
            ),
        )
        for _ in 0..<4 {
            for _ in 0..<20 { try world.transact() }
            try world.reopen()
        }
        for _ in 0..<20 { try world.transact() }
        try world.close()
        try world.reopen()
    }
}

extension SQLiteStore {
    /// `write`, with something done while the commit is in the log and not durable.
    fileprivate func inSteps<Result>(
        _ body: (any StoreTransaction) throws -> Result,
        beforeSync: () throws -> Void,
    ) throws -> Result {
        let transaction = try begin()
        let result: Result
        do {
            result = try body(transaction.operations)
        } catch {
            abandon(transaction)
            throw error
        }
        let commit = try append(transaction)
        try beforeSync()
        try sync(commit)
        return result
    }
}

/// The three stores, and snapshots of them that are held while they are written.
private struct World {
    private struct Held {
        let naive: NaiveStore
        let memory: any StoreReader
        let sqlite: SQLiteSnapshot
    }

    private var random: RandomSource
    private let directory: String
    private let bounds: StoreBounds
    private var naive = NaiveStore()
    private let memory = MemoryStore()
    private var sqlite: SQLiteStore
    private var held: [Held] = []

    init(seed: UInt64, directory: String, bounds: StoreBounds) throws {
        random = RandomSource(seed: seed)
        self.directory = directory
        self.bounds = bounds
        sqlite = try SQLiteStore.open(directory: directory, bounds: bounds)
    }

    func close() throws {
        try sqlite.close()
    }

    /// One transaction in all three, kept or aborted, and the same questions afterwards.
    mutating func transact() throws {
        let steps = (0..<Int.random(in: 0...20, using: &random)).map { _ in step() }
        let isAborted = Int.random(in: 0..<4, using: &random) == 0
        var changed = naive
        let expected = steps.map { changed.apply($0) }
        if !isAborted { naive = changed }

        for store in [memory, sqlite] as [any Store] {
            do {
                let answers = try write(to: store) { transaction in
                    let answers = try steps.map { try $0.apply(transaction) }
                    #expect(answers == expected)
                    if isAborted { throw Aborted() }
                    return answers
                }
                #expect(!isAborted && answers == expected)
            } catch is Aborted {
                #expect(isAborted)
            }
        }
        try ask()
        try holdAndLetGo()
    }

    /// In SQLite's also in steps: until the last of them, readers find what was there before.
    private func write<Result>(
        to store: any Store,
        _ body: (any StoreTransaction) throws -> Result
    ) throws -> Result {
        guard let store = store as? SQLiteStore, bounds.writeBackPages == 16 else {
            return try store.write(body)
        }
        let before = try store.read { try $0.everything() }
        return try store.inSteps(body) {
            let shown = try store.read { try $0.everything() }
            #expect(shown == before)
        }
    }

    /// Closes the file and opens it again: all that was committed is there.
    mutating func reopen() throws {
        held = []
        // The old store must be gone before the directory can be had again.
        let (directory, bounds) = (directory, bounds)
        try replace { try SQLiteStore.open(directory: directory, bounds: bounds) }
        let stored = try sqlite.read { try $0.everything() }
        #expect(stored == naive.everything())
    }

    private mutating func replace(_ open: () throws -> SQLiteStore) throws {
        let placeholder = try TemporaryDirectory()
        sqlite = try SQLiteStore.open(directory: placeholder.path)
        sqlite = try open()
    }

    private mutating func ask() throws {
        for query in (0..<4).map({ _ in query() }) {
            let expected = naive.ask(query)
            let fromMemory = try memory.read { try query.ask($0) }
            let fromSQLite = try sqlite.read { try query.ask($0) }
            #expect(fromMemory == expected)
            #expect(fromSQLite == expected)
        }
    }

    private mutating func holdAndLetGo() throws {
        for held in held {
            let expected = held.naive.everything()
            let fromMemory = try held.memory.everything()
            let fromSQLite = try held.sqlite.everything()
            #expect(fromMemory == expected)
            #expect(fromSQLite == expected)
        }
        if held.count < 3 && Int.random(in: 0..<4, using: &random) == 0 {
            held.append(
                Held(naive: naive, memory: memory.snapshot(), sqlite: try sqlite.openSnapshot())
            )
        } else if !held.isEmpty && Int.random(in: 0..<6, using: &random) == 0 {
            held.removeFirst().sqlite.close()
        }
    }

    private mutating func step() -> Step {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9: .put(keyspace(), key(), value())
        case 9..<13: .delete(keyspace(), key())
        case 13: .deleteRange(keyspace(), from: key(), to: bound())
        default: .ask(query())
        }
    }

    private mutating func query() -> Query {
        if Bool.random(using: &random) { return .get(keyspace(), key()) }
        return .range(
            keyspace(),
            from: key(),
            to: bound(),
            reversed: Bool.random(using: &random),
            limit: Int.random(in: 1...30, using: &random),
        )
    }

    private mutating func keyspace() -> Keyspace {
        [Keyspace.items, .history, .records, .tombstones][Int.random(in: 0..<4, using: &random)]
    }

    /// Short keys of few byte values, so that they meet, prefix one another and touch the ends.
    private mutating func key() -> [UInt8] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
            [0x00, 0x01, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &random)]
        }
    }

    private mutating func bound() -> [UInt8]? {
        Int.random(in: 0..<4, using: &random) == 0 ? nil : key()
    }

    private mutating func value() -> [UInt8] {
        let count = [0, 1, 40, 3_000, 20_000][Int.random(in: 0..<5, using: &random)]
        let byte = UInt8.random(in: 0...255, using: &random)
        return Array(repeating: byte, count: count)
    }
}
