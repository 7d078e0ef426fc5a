import Engine
import Glibc
import SQLiteStore
import Testing

/// The log's next file, which is made before it is needed.
struct NextLogTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test
    func `a file that was made and not used is let go of, and the log goes on`() throws {
        var expected = try halfFilled()
        #expect(try logs() == ["log-0000000001", "log-0000000002"])
        // A second start after a crash behind the first must not take it for part of the log.
        for key in UInt8(100)..<103 {
            let store = try open()
            #expect(try store.read { try $0.everything() } == expected)
            #expect(try logs() == ["log-0000000001"])
            try store.write { try $0.put(.items, [key], [key]) }
            expected = try store.read { try $0.everything() }
        }
        #expect(try everything() == expected)
    }

    @Test
    func `a file that was made early is the log's next, and says so after every crash`() throws {
        _ = try halfFilled(more: 4)
        var expected: [[Pair]]
        do {
            let store = try open()
            // Makes the file again, writes on in the old one, and goes over to the new one.
            try fill(store, keys: 20..<23)
            try store.close()
            #expect(try logs().first == "log-0000000002")
            // It was there before the last records of the one before.
            #expect(try number(at: 24) == 19)
            try fill(store, keys: 30..<33)
            #expect(try number(at: 4_096 + 8) == 22)
            expected = try store.read { try $0.everything() }
        }
        #expect(try everything() == expected)
        for key in UInt8(100)..<103 {
            let store = try open()
            try store.write { try $0.put(.items, [key], [key]) }
            expected = try store.read { try $0.everything() }
        }
        #expect(try everything() == expected)
    }

    @Test(arguments: 8..<15)
    func `a file that was made beside a record that a crash lost is no gap`(count: Int) throws {
        let first = directory.path + "/log-0000000001"
        let before: [[Pair]]
        var status = stat()
        do {
            let store = try open()
            try fill(store, keys: 0..<count)
            before = try store.read { try $0.everything() }
            try #require(stat(first, &status) == 0)
            let transaction = try store.begin()
            try transaction.operations.put(.items, [100], Array(repeating: 7, count: 400))
            _ = try store.append(transaction)
            // From half an overlay on, the next file is wanted.
            #expect(count < 14 || eventually { (try? logs().count) == 2 })
        }
        truncate(first, status.st_size)
        #expect(try everything() == before)
    }

    @Test
    func `what a crash left in a file that was not used yet stays away`() throws {
        var expected = try halfFilled()
        do {
            // The head of the record that was under way, and not its body.
            let file = Glibc.open(directory.path + "/log-0000000002", O_RDWR)
            try #require(file >= 0)
            defer { close(file) }
            let first = Glibc.open(directory.path + "/log-0000000001", O_RDONLY)
            try #require(first >= 0)
            defer { close(first) }
            var bytes = [UInt8](repeating: 0, count: 200)
            try #require(pread(first, &bytes, bytes.count, 4_096) == bytes.count)
            try #require(pwrite(file, bytes, bytes.count, 4_096) == bytes.count)
        }
        for key in UInt8(100)..<103 {
            let store = try open()
            #expect(try store.read { try $0.everything() } == expected)
            #expect(try logs() == ["log-0000000001"])
            try store.write { try $0.put(.items, [key], [key]) }
            expected = try store.read { try $0.everything() }
        }
    }

    @Test
    func `a file that cannot be made ahead is made when it is needed`() throws {
        var expected: [[Pair]]
        do {
            let store = try open()
            // In the way of the maker, until it has tried.
            try #require(mkdir(directory.path + "/log-made", 0o755) == 0)
            try fill(store, keys: 0..<14)
        }
        #expect(try logs() == ["log-0000000001"])
        rmdir(directory.path + "/log-made")
        do {
            let store = try open()
            try store.close()
            try fill(store, keys: 30..<33)
            expected = try store.read { try $0.everything() }
        }
        #expect(try everything() == expected)
    }

    @Test
    func `a log that ends before the next file was made is damaged`() throws {
        _ = try halfFilled()
        let first = directory.path + "/log-0000000001"
        // Of some ten records, the first is left.
        truncate(first, 4_096 + 480)
        let error = #expect(throws: StoreError.self) { try open() }
        #expect(error?.message.contains("cannot be read") == true)
    }

    @Test
    func `who lets go of a log last does not wait for its being taken away`() throws {
        let store = try open()
        try fill(store, keys: 0..<3)
        // What is read from holds the first log over its retirement.
        try store.read { _ in
            try store.close()
            #expect(try logs() == ["log-0000000001", "log-0000000002"])
        }
        #expect(eventually { (try? logs()) == ["log-0000000002"] })
    }

    // MARK: Means

    private func open() throws -> SQLiteStore {
        try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayBytesMax: 10_000),
        )
    }

    /// Fills more than half of an overlay, so that the next file is wanted, and ends as in a crash, when
    /// it is made.
    private func halfFilled(more: Int = 0) throws -> [[Pair]] {
        let store = try open()
        try fill(store, keys: 0..<(14 + more))
        return try store.read { try $0.everything() }
    }

    private func everything() throws -> [[Pair]] {
        try open().read { try $0.everything() }
    }

    private func fill(_ store: SQLiteStore, keys: Range<Int>) throws {
        for key in keys {
            try store.write { transaction in
                try transaction.put(.items, [UInt8(key)], Array(repeating: 7, count: 400))
            }
        }
    }

    /// A number in the second log.
    private func number(at offset: Int) throws -> UInt64 {
        let file = Glibc.open(directory.path + "/log-0000000002", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var number: UInt64 = 0
        try #require(pread(file, &number, 8, off_t(offset)) == 8)
        return UInt64(littleEndian: number)
    }

    private func logs() throws -> [String] {
        TemporaryDirectory.files(in: directory.path).filter { $0.hasPrefix("log-0") }
    }
}
