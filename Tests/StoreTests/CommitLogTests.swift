import Engine
import Glibc
import SQLiteStore
import Testing

/// What a start makes of the log that the end before it left.
struct CommitLogTests {
    private let directory: TemporaryDirectory
    private let refused = StoreError(attempt: "test", code: 1, message: "refused")

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test
    func `a log cut or damaged anywhere in its last record opens without it`() throws {
        let before = try written(commits: 3)
        let log = directory.path + "/log-0000000001"
        let start = try size(log)
        let after = try written(commits: 1, from: 3)
        let whole = try contents(log)

        for length in start...whole.count {
            let state = try state(with: Array(whole[..<length]))
            // The record's last bytes are padding.
            #expect(state == before || length > whole.count - 8 && state == after)
        }
        for position in start..<whole.count {
            var damaged = whole
            damaged[position] ^= 0x55
            let state = try state(with: damaged)
            #expect(state == before || position >= whole.count - 8 && state == after)
        }
        // Nothing, as a file system leaves blocks that it has not written.
        let zeros = Array(repeating: UInt8(0), count: whole.count - start)
        #expect(try state(with: Array(whole[..<start]) + zeros) == before)
        #expect(try state(with: whole) == after)
    }

    @Test
    func `a store that lost its last record goes on from there`() throws {
        let before = try written(commits: 3)
        let log = directory.path + "/log-0000000001"
        let start = try size(log)
        _ = try written(commits: 1, from: 3)
        truncate(log, off_t(start + 40))
        let store = try SQLiteStore.open(directory: directory.path)
        #expect(try store.read { try $0.everything() } == before)
        try store.write { try $0.put(.meta, [77], [77]) }
        let expected = try store.read { try $0.everything() }
        let copy = try copy()
        #expect(try everything(in: copy) == expected)
    }

    @Test
    func `what went ahead of a commit that did not come is no record`() throws {
        let before = try written(commits: 3)
        let store = try SQLiteStore.open(directory: directory.path)
        #expect(throws: Aborted.self) {
            try store.write { transaction in
                for part in UInt8(0)..<6 {
                    let value = Array(repeating: part, count: 700_000)
                    try transaction.put(.history, [part], value)
                    #expect(try everything(in: copy()) == before)
                }
                throw Aborted()
            }
        }
        try store.write { try $0.put(.meta, [77], [77]) }
        let expected = try store.read { try $0.everything() }
        #expect(try everything(in: copy()) == expected)
    }

    @Test
    func `large commits are there at once, and after a crash`() throws {
        let store = try SQLiteStore.open(directory: directory.path)
        var expected: [[UInt8]: [UInt8]] = [:]
        for (round, parts) in [3, 40, 12, 1, 90, 2].enumerated() {
            try store.write { transaction in
                for part in 0..<parts {
                    // Some are put twice in a round, and most in more than one.
                    let key = [UInt8(part % 60), 1]
                    let value = Array(repeating: UInt8(round), count: 200_000 + part)
                    expected[key] = value
                    try transaction.put(.items, key, value)
                    #expect(try transaction.get(.items, key) == value)
                }
            }
            let pairs = expected.map { Pair(key: $0.key, value: $0.value) }
                .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            #expect(try store.read { try $0.pairs(.items) } == pairs)
            #expect(try everything(in: copy())[Keyspace.items.ordinal] == pairs)
        }
    }

    @Test
    func `damage before the last record is an error`() throws {
        _ = try written(commits: 1)
        let log = directory.path + "/log-0000000001"
        let start = try size(log)
        _ = try written(commits: 3, from: 1)
        let whole = try contents(log)
        for position in stride(from: start, to: start + 80, by: 7) {
            var damaged = whole
            damaged[position] ^= 0x55
            let error = #expect(throws: StoreError.self) { try state(with: damaged) }
            #expect(error?.message.contains("cannot be read") == true)
        }
        var damaged = whole
        damaged[20] ^= 1
        let error = #expect(throws: StoreError.self) { try state(with: damaged) }
        #expect(error?.message.contains("head") == true)
    }

    @Test
    func `a frozen log that ends early, or is missing, is an error`() throws {
        let (store, gate) = try storeWithClosedGate()
        defer { gate.open() }
        try fill(store, keys: 0..<40)
        let frozen = "/log-0000000001"
        do {
            let copy = try copy()
            #expect(try everything(in: copy) == store.read { try $0.everything() })
        }
        do {
            let copy = try copy()
            truncate(copy + frozen, off_t(try size(copy + frozen) - 9))
            let error = #expect(throws: StoreError.self) { try SQLiteStore.open(directory: copy) }
            #expect(error?.message.contains("cannot be read") == true)
        }
        do {
            let copy = try copy()
            unlink(copy + frozen)
            let error = #expect(throws: StoreError.self) { try SQLiteStore.open(directory: copy) }
            #expect(error?.message.contains("missing") == true)
        }
        gate.open()
        try store.close()
        do {
            let copy = try copy()
            for name in TemporaryDirectory.files(in: copy) where name.hasPrefix("log-0") {
                unlink(copy + "/" + name)
            }
            let error = #expect(throws: StoreError.self) { try SQLiteStore.open(directory: copy) }
            #expect(error?.message.contains("missing") == true)
        }
    }

    @Test
    func `a log that is in the file already is not run again`() throws {
        let expected: [[Pair]]
        let old = directory.path + "/log-0000000001"
        let kept: [UInt8]
        do {
            let store = try SQLiteStore.open(directory: directory.path)
            try store.write { try $0.put(.items, [1], [1]) }
            kept = try contents(old)
            try store.close()
            try store.write { try $0.put(.items, [1], [2]) }
            try store.close()
            expected = try store.read { try $0.everything() }
        }
        try replace(old, with: kept)
        #expect(try everything(in: directory.path) == expected)
        #expect(access(old, F_OK) != 0)
    }

    @Test
    func `a failed flush breaks the store and loses nothing`() throws {
        let refused = refused
        let expected: [[Pair]]
        do {
            let store = try SQLiteStore.open(
                directory: directory.path,
                bounds: StoreBounds(overlayBytesMax: 1_000),
                beforePart: { () throws(StoreError) in throw refused },
            )
            var written = 0
            let error = #expect(throws: StoreError.self) {
                for key in UInt8(0)..<100 {
                    try store.write { try $0.put(.items, [key], Array(repeating: key, count: 300)) }
                    written += 1
                }
            }
            #expect(error == refused)
            #expect(written >= 3)
            expected = try store.read { try $0.everything() }
            #expect(expected.joined().count == written)
            #expect(throws: refused) { try store.write { try $0.put(.meta, [1], [1]) } }
            #expect(throws: refused) { try store.close() }
        }
        #expect(try everything(in: directory.path) == expected)
    }

    @Test(arguments: 1...7)
    func `a crash between two parts of a flush loses nothing`(part: Int) throws {
        _ = try written(commits: 3)
        try SQLiteStore.open(directory: directory.path).close()
        let gate = TurnGate(turn: part)
        let store = try SQLiteStore.open(
            directory: directory.path,
            // A value is a part, also when the flush is behind; the second commit begins the flush of
            // the first.
            bounds: StoreBounds(overlayBytesMax: 60),
            beforePart: { () throws(StoreError) in gate.pass() },
        )
        try store.write { transaction in
            try transaction.deleteRange(.items, from: [1], to: [2, 2])
            for byte in UInt8(1)..<5 {
                try transaction.put(.items, [byte, 2], Array(repeating: byte, count: 20))
                try transaction.put(.history, [byte], Array(repeating: byte, count: 20))
            }
            try transaction.delete(.items, [0, 2])
        }
        try store.write { try $0.deleteRange(.items, from: [3], to: nil) }
        gate.awaitTurn()
        let expected = try store.read { try $0.everything() }
        let copy = try copy()
        #expect(try everything(in: copy) == expected)
        gate.open()
    }

    @Test
    func `a writer that is far ahead waits for the flush`() throws {
        let (store, gate) = try storeWithClosedGate()
        defer { gate.open() }
        try fill(store, keys: 0..<40)
        gate.openSoon()
        // Needs the gate open: all the room is used up long before.
        try fill(store, keys: 40..<200)
        let stored = try store.read { try $0.pairs(.items).count }
        #expect(stored == 200)
    }

    @Test
    func `closed, a store has everything in its file and a short log`() throws {
        _ = try written(commits: 5)
        let store = try SQLiteStore.open(directory: directory.path)
        try store.close()
        let names = TemporaryDirectory.files(in: directory.path).filter { $0.hasPrefix("log-0") }
        #expect(names == ["log-0000000002"])
        #expect(try size(directory.path + "/log-0000000002") >= 4_096)
    }

    @Test
    func `a value that the log has lost is an error`() throws {
        let store = try SQLiteStore.open(directory: directory.path)
        try store.write { transaction in
            try transaction.put(.history, [1], Array(repeating: 7, count: 3_000))
            try transaction.put(.history, [2], [2])
        }
        truncate(directory.path + "/log-0000000001", 4_096)
        let error = #expect(throws: StoreError.self) {
            try store.read { try $0.get(.history, [1]) }
        }
        #expect(error?.message.contains("Input/output error") == true)
        #expect(throws: StoreError.self) { try store.read { try $0.pairs(.history) } }
        #expect(throws: StoreError.self) { try store.read { try $0.looked(.history, [1]) } }
        #expect(try store.read { try $0.get(.history, [2]) } == [2])
        #expect(throws: StoreError.self) { try store.close() }
    }

    @Test
    func `a commit that is old goes into the file when another comes`() throws {
        let store = try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayMilliseconds: 0),
        )
        for key in UInt8(0)..<5 { try store.write { try $0.put(.items, [key], []) } }
        try store.close()
        #expect(access(directory.path + "/log-0000000001", F_OK) != 0)
        #expect(try store.read { try $0.pairs(.items).count } == 5)
    }

    // MARK: Means

    /// Opens the store, makes a few commits of several operations, drops it.
    /// - Returns: what is in it then.
    private func written(commits: Int, from first: Int = 0) throws -> [[Pair]] {
        let store = try SQLiteStore.open(directory: directory.path)
        for number in first..<first + commits {
            let byte = UInt8(number)
            try store.write { transaction in
                try transaction.put(.items, [byte, 1], [byte])
                try transaction.put(.items, [byte, 2], Array(repeating: byte, count: 20))
                try transaction.delete(.items, [byte &- 1, 1])
                try transaction.deleteRange(.items, from: [byte, 1, 0], to: [byte, 2])
                try transaction.put(.meta, [], [byte])
            }
        }
        return try store.read { try $0.everything() }
    }

    private func state(with log: [UInt8]) throws -> [[Pair]] {
        let copy = try copy()
        try replace(copy + "/log-0000000001", with: log)
        return try everything(in: copy)
    }

    private func everything(in path: String) throws -> [[Pair]] {
        try SQLiteStore.open(directory: path).read { try $0.everything() }
    }

    /// A store whose flushes wait for the gate, with room for about 40 keys of `fill`.
    private func storeWithClosedGate() throws -> (SQLiteStore, Gate) {
        let gate = Gate()
        let store = try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayBytesMax: 10_000),
            beforePart: { () throws(StoreError) in gate.pass() },
        )
        return (store, gate)
    }

    private func fill(_ store: SQLiteStore, keys: Range<Int>) throws {
        for key in keys {
            try store.write { transaction in
                try transaction.put(.items, [UInt8(key)], Array(repeating: 7, count: 400))
            }
        }
    }

    /// The files as a crash at this moment would leave them, but for one that is being made and has no
    /// name yet.
    private func copy() throws -> String {
        let copy = directory.path + "/copy"
        mkdir(copy, 0o755)
        for name in TemporaryDirectory.files(in: copy) { unlink(copy + "/" + name) }
        for name in TemporaryDirectory.files(in: directory.path)
        where !["copy", "LOCK", "log-made"].contains(name) && !name.hasSuffix("-shm") {
            try replace(copy + "/" + name, with: try contents(directory.path + "/" + name))
        }
        return copy
    }

    private func size(_ path: String) throws -> Int { try contents(path).count }

    private func contents(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var status = stat()
        fstat(file, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        try #require(read(file, &bytes, bytes.count) == bytes.count)
        return bytes
    }

    private func replace(_ path: String, with bytes: [UInt8]) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try #require(file >= 0)
        defer { close(file) }
        try #require(write(file, bytes, bytes.count) == bytes.count)
    }
}
