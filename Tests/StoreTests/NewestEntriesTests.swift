import Engine
import Testing

@testable import SQLiteStore

/// The writer's table of items against the runs of the same commits.
struct NewestEntriesTests {
    private let arena = Arena(SlabPool())

    private func entry(_ key: [UInt8], _ value: [UInt8]?) throws -> Entry {
        let place = try (key + (value ?? [])).withUnsafeBytes { try arena.keep($0) }
        let count = value.map { Int32($0.count) } ?? Entry.deleted
        return Entry(key: place, keyCount: key.count, valueCount: count)
    }

    private func run(_ entries: [Entry], spans: KeySpans = KeySpans()) -> Run {
        Run(entries: entries.sorted { $0.order($1) < 0 }, spans: spans, arena: arena)
    }

    @Test(arguments: UInt64(1)...8)
    func `it answers as the runs do`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let newest = NewestEntries(in: arena)
        var layers = Layers()
        for commit in 0..<60 {
            var keys: Set<[UInt8]> = []
            for _ in 0..<Int.random(in: 0..<40, using: &random) { keys.insert(key(&random)) }
            let entries = try keys.map { key in
                let value: [UInt8] = [UInt8(commit), UInt8.random(in: 0...255, using: &random)]
                return try entry(key, Int.random(in: 0..<5, using: &random) == 0 ? nil : value)
            }
            let run = run(entries)
            layers.add(run, ordinal: Keyspace.items.ordinal)
            newest.add(run)
        }
        #expect(newest.isWhole)
        for _ in 0..<2_000 {
            let key = key(&random)
            try key.withUnsafeBytes { bytes in
                let wanted = Entry(bytes)
                let found = newest.find(wanted, NewestEntries.hash(wanted))
                let known = layers.runs[Keyspace.items.ordinal].lazy.compactMap {
                    $0.find(wanted)
                }.first
                #expect(found?.isDelete == known?.isDelete)
                let (value, knownValue) = (try found?.value, try known?.value)
                #expect(value == knownValue)
            }
        }
    }

    /// Of up to three bytes, few enough that many come again, the one of none among them.
    private func key(_ random: inout RandomSource) -> [UInt8] {
        let count = Int.random(in: 0..<4, using: &random)
        return (0..<count).map { _ in UInt8.random(in: 0..<9, using: &random) }
    }

    /// Keys of one hash: two stripes, of which the second makes up for what the first is.
    ///
    /// A lane is `rotated(lane + word × prime2, 31) × prime1` for each word, and lanes do not meet before
    /// the last stripe.
    private func colliding(_ count: Int) -> [[UInt8]] {
        let primes: (UInt64, UInt64) = (0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F)
        // Newton's way to the inverse of an odd number: each step doubles the bits that are right.
        var inverse = primes.1
        for _ in 0..<6 { inverse &*= 2 &- primes.1 &* inverse }
        func lane(after word: UInt64) -> UInt64 {
            let sum = NewestEntries.seed &+ primes.0 &+ primes.1 &+ word &* primes.1
            return (sum << 31 | sum >> 33) &* primes.0
        }
        return (0..<UInt64(count)).map { first in
            let second = (0 &- lane(after: first)) &* inverse
            return [first, 0, 0, 0, second, 0, 0, 0].flatMap { word in
                withUnsafeBytes(of: word.littleEndian) { Array($0) }
            }
        }
    }

    @Test func `keys of one hash are told apart, and many of them end the table`() throws {
        let keys = colliding(NewestEntries.probesMax + 1)
        let hashes = keys.map { key in key.withUnsafeBytes { NewestEntries.hash(Entry($0)) } }
        try #require(Set(hashes).count == 1 && Set(keys).count == keys.count)
        let newest = NewestEntries(in: arena)
        for (index, key) in keys.dropLast().enumerated() {
            newest.add(run([try entry(key, [UInt8(index % 251)])]))
        }
        #expect(newest.isWhole)
        func find(_ key: [UInt8]) throws -> [UInt8]? {
            try key.withUnsafeBytes { try newest.find(Entry($0), hashes[0])?.value }
        }
        let areFound = try keys.dropLast().enumerated().allSatisfy {
            try find($1) == [UInt8($0 % 251)]
        }
        #expect(areFound)
        #expect(try find(keys[keys.count - 1]) == nil)
        newest.add(run([try entry(keys[keys.count - 1], [1])]))
        #expect(!newest.isWhole)
        #expect(newest.bytes < 1_024)
        // It stays so.
        newest.add(run([try entry([1], [1])]))
        #expect(!newest.isWhole)
    }

    @Test func `where a stretch was deleted it says that it does not know`() throws {
        let newest = NewestEntries(in: arena)
        newest.add(run([try entry([1], [1])]))
        var spans = KeySpans()
        spans.insert(from: [0], to: [9])
        newest.add(run([], spans: spans))
        #expect(!newest.isWhole)
        #expect(!NewestItems(active: NewestEntries(in: arena), frozen: newest).areWhole)
        #expect(NewestItems(active: NewestEntries(in: arena), frozen: nil).areWhole)
    }

    @Test func `what is active is newer than what is on its way into the file`() throws {
        let frozen = NewestEntries(in: arena)
        frozen.add(run([try entry([1], [1]), try entry([2], [2])]))
        let active = NewestEntries(in: arena)
        active.add(run([try entry([1], nil)]))
        let items = NewestItems(active: active, frozen: frozen)
        func find(_ key: [UInt8]) -> Entry? {
            key.withUnsafeBytes { bytes in
                items.find(Entry(bytes), NewestEntries.hash(Entry(bytes)))
            }
        }
        #expect(find([1])?.isDelete == true)
        #expect(try find([2])?.value == [2])
        #expect(find([3]) == nil)
    }
}
