import CSQLite
import Engine
import Glibc
import Testing

@testable import SQLiteStore

/// Stores that are read by way of the inner pages that are kept, since no map hands their files out.
struct InnerPagesStoreTests {
    private static let keys = 4_000
    /// None, one, fewer than there are, and more.
    static let places = [0, 1, 7, 33, 1_000]

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(arguments: places, UInt64(1)...3)
    func `a store answers as one in memory does, whatever is kept of its file`(
        places: Int,
        seed: UInt64,
    ) throws {
        var random = RandomSource(seed: seed)
        let memory = MemoryStore()
        try withStore(places: places) { store in
            let readers = try (0..<2).map { _ in try store.makeReader() }
            var isKept = false
            for round in 0..<150 {
                let steps = (0..<40).map { _ in Self.step(round, &random) }
                for store in [memory, store] as [any Store] {
                    try store.write { transaction in
                        for step in steps { _ = try step.apply(transaction) }
                    }
                }
                for reader in readers {
                    let query = Self.query(&random)
                    let expected = try memory.read { try query.ask($0) }
                    #expect(try reader.read { try query.ask($0) } == expected)
                }
                isKept = isKept || !Self.kept(store.pages.inner).isEmpty
            }
            let expected = try memory.read { try $0.everything() }
            #expect(try readers[0].read { try $0.everything() } == expected)
            #expect(try store.read { try $0.everything() } == expected)
            #expect(isKept == (places > 0))
            try checkKept(store, reader: readers[0], placesMax: places)
        }
    }

    @Test(arguments: [1, 7, 1_000])
    func `readers see whole transactions while pages are written and kept`(
        places: Int
    ) async throws {
        let store = try open(places: places)
        try store.write { try Self.putEach(64, round: 0, $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 1..<150 {
                    try store.write { try Self.putEach(64, round: round, $0) }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    let reader = try store.makeReader()
                    for _ in 0..<200 {
                        let own = try reader.read { try $0.pairs(.items).map(\.value) }
                        let lent = try store.read { try $0.pairs(.items).map(\.value) }
                        #expect(own.count == Self.keys / 64 && Set(own).count == 1)
                        #expect(lent.count == Self.keys / 64 && Set(lent).count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        try checkKept(store, reader: store.makeReader(), placesMax: places)
    }

    /// A file that becomes shorter, which those of stores never do.
    @Test
    func `of a file that SQLite makes shorter nothing is kept that is not there`() throws {
        let path = directory.path + "/file"
        let lock = try DirectoryLock(directory: directory.path)
        let bounds = StoreBounds(mappedBytesMax: 1, innerPagesBytesMax: 1 << 20)
        let pages = try SharedPages(path: path, bounds: bounds)
        let writer = try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages)
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try writer.execute("PRAGMA journal_mode=WAL")
        try writer.execute(Keyspaces.creation(.tombstones)[0])
        let reader = try Connection(
            path,
            lock: lock,
            cacheKibibytes: 0,
            pages: pages,
            handsOut: true
        )
        try writer.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
            INSERT INTO tombstones SELECT CAST(i AS BLOB), randomblob(600) FROM n
            """
        )
        _ = try writer.checkpoint()
        #expect(try reader.number("SELECT count(*) FROM tombstones") == 3_001)
        #expect(Self.kept(pages.inner).count > 5)
        try writer.execute("DELETE FROM tombstones WHERE key <> x'31'")
        try writer.execute("VACUUM")
        _ = try writer.checkpoint()
        let pageCount = try writer.number("PRAGMA page_count")
        #expect(pageCount < 10)
        #expect(Self.kept(pages.inner).allSatisfy { $0.page <= pageCount })
        #expect(try reader.number("SELECT count(*) FROM tombstones") == 1)
    }

    private func withStore(places: Int, _ body: (SQLiteStore) throws -> Void) throws {
        try body(open(places: places))
    }

    private func open(places: Int) throws -> SQLiteStore {
        try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(
                overlayBytesMax: 50_000,
                writeBackPages: 100,
                mappedBytesMax: 1,
                innerPagesBytesMax: places * Keyspaces.pageBytes,
            )
        )
    }

    /// Once all is in the file, what is kept of it is what it has.
    private func checkKept(_ store: SQLiteStore, reader: SQLiteReader, placesMax: Int) throws {
        try store.close()
        #expect(eventually { store.pagesToWriteBack == 0 })
        _ = try reader.read { try $0.pairs(.items).count }
        let kept = Self.kept(store.pages.inner)
        #expect(kept.count <= placesMax)
        let file = try Descriptor(directory.path + "/store.sqlite", O_RDONLY)
        let stored = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Keyspaces.pageBytes,
            alignment: 8
        )
        defer { stored.deallocate() }
        for (page, bytes) in kept {
            try file.read(stored, at: (Int(page) - 1) * Keyspaces.pageBytes)
            #expect(stored.elementsEqual(bytes))
        }
    }

    private static func kept(_ inner: InnerPages) -> [(page: UInt32, bytes: [UInt8])] {
        (UInt32(1)..<10_000).compactMap { page in
            guard let held = inner.hold(page) else { return nil }
            defer { inner.letGo(held) }
            let bytes = UnsafeRawBufferPointer(start: held, count: Keyspaces.pageBytes)
            return (page, Array(bytes))
        }
    }

    private static func putEach(
        _ stride: Int,
        round: Int,
        _ transaction: any StoreTransaction,
    ) throws {
        let value = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 1_500)
        for key in Swift.stride(from: 0, to: keys / stride * stride, by: stride) {
            try transaction.put(.items, Self.key(key), value)
        }
    }

    /// At first mostly puts, so that the tree grows; later on as many deletes, so that it shrinks.
    private static func step(_ round: Int, _ random: inout RandomSource) -> Step {
        let number = Int.random(in: 0..<keys, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<(round < 100 ? 17 : 9):
            let byte = UInt8.random(in: 0...255, using: &random)
            let count = Int.random(in: 400..<1_600, using: &random)
            return .put(.items, key(number), Array(repeating: byte, count: count))
        case 17: return .ask(.get(.items, key(number)))
        case 18 where round > 100:
            return .deleteRange(.items, from: key(number), to: key(number + keys / 40))
        default: return .delete(.items, key(number))
        }
    }

    private static func query(_ random: inout RandomSource) -> Query {
        let key = key(Int.random(in: 0..<keys, using: &random))
        guard Bool.random(using: &random) else { return .get(.items, key) }
        let isReversed = Bool.random(using: &random)
        return .range(.items, from: key, to: nil, reversed: isReversed, limit: 50)
    }

    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    }
}
