import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// The time of all regions of one test, moved by hand.
final class TestTime {
    var milliseconds: UInt64 = 1_800_000_000_000
}

/// One of several regions in memory, with links that are calls.
final class ReplicaFixture {
    let region: String
    private(set) var store = MemoryStore()
    private(set) var engine: RegionEngine
    private let time: TestTime
    /// Those of the next start.
    var settings: EngineSettings
    /// Whether feeds wait for what the last group changed.
    private(set) var isForFeeds = false
    private var starts: UInt64 = 1
    private var tables: UInt64 = 0

    init(
        _ region: String,
        _ time: TestTime,
        bugs: Set<PlantedBug> = [],
        settings: EngineSettings = EngineSettings(),
    ) throws {
        self.region = region
        self.time = time
        var settings = settings
        settings.plantedBugs = bugs
        self.settings = settings
        engine = try ReplicaFixture.open(store, region, time, start: 1, settings)
    }

    var now: UInt64 { time.milliseconds }

    func restart() throws {
        starts += 1
        time.milliseconds += 1
        engine = try ReplicaFixture.open(store, region, time, start: starts, settings)
    }

    func restart(from backup: MemoryStore) throws {
        store = backup
        try restart()
    }

    private static func open(
        _ store: MemoryStore,
        _ region: String,
        _ time: TestTime,
        start: UInt64,
        _ settings: EngineSettings,
    ) throws -> RegionEngine {
        try store.write { transaction in
            try RegionEngine(
                opening: transaction,
                region: region,
                settings: settings,
                wallMilliseconds: time.milliseconds,
                randomBits: region.utf8.reduce(start) { $0 &* 31 &+ UInt64($1) },
            )
        }
    }

    @discardableResult
    func group<Result>(_ body: (WriteGroup) throws -> Result) throws -> Result {
        time.milliseconds += 1
        return try store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: time.milliseconds)
            let result = try body(group)
            isForFeeds = try group.finish()
            return result
        }
    }

    func feed(catalog: TableCatalog? = nil) throws -> Feed {
        try Feed(
            catalog: catalog ?? engine.catalog,
            store: store.snapshot(),
            wallMilliseconds: time.milliseconds,
        )
    }

    // MARK: Operations

    /// Makes a table; with `derived` one that has indexes of each kind of projection, and time to live by `n`.
    func create(_ name: String, derived: Bool = false) throws -> TableID {
        let schema = TableSchema(partition: TableSchema.KeyAttribute(name: "p", type: .string))
        var parts = TableParts(
            definition: TableParts.Definition(
                name: name,
                schema: schema,
                createdMilliseconds: Int64(time.milliseconds),
            ),
            replicas: [TableParts.Replica(region: region, status: .active)],
        )
        if derived {
            parts.expiryAttribute = "n"
            for (number, index) in Self.indexes.enumerated() {
                parts.append(GlobalIndex(index: index), id: Int64(number + 1))
            }
        }
        tables += 1
        let bits = region.utf8.reduce(tables) { $0 &* 31 &+ UInt64($1) }
        let id = TableID(randomBits: time.milliseconds, bits)
        try group { try $0.create(id, parts) }
        return id
    }

    private static let indexes = [
        SecondaryIndex(
            name: "all",
            schema: IndexSchema(partition: [.init(name: "note", type: .string)]),
            projection: IndexProjection(type: .all),
        ),
        SecondaryIndex(
            name: "keys",
            schema: IndexSchema(
                partition: [.init(name: "note", type: .string)],
                sort: [.init(name: "n", type: .number)],
            ),
            projection: IndexProjection(type: .keysOnly),
        ),
        SecondaryIndex(
            name: "some",
            schema: IndexSchema(
                partition: [.init(name: "n", type: .number), .init(name: "note", type: .string)]
            ),
            projection: IndexProjection(type: .include, nonKeyAttributes: ["y", "z"]),
        ),
    ]

    func update(_ table: String, _ updates: ReplicaUpdate...) throws {
        let request = UpdateTableRequest(tableName: table, replicaUpdates: updates)
        try group { group in _ = try group.perform { try request.perform(in: &$0) } }
    }

    func deleteTable(_ name: String) throws {
        let request = DeleteTableRequest(tableName: name)
        try group { group in _ = try group.perform { try request.perform(in: &$0) } }
    }

    func put(_ key: String, _ note: String = "", in table: String) throws {
        try put(["p": text(key), "note": text(note)], in: table)
    }

    func put(_ item: Item, in table: String) throws {
        let prepared = try PreparedPutItem(PutItemRequest(tableName: table, item: item))
        try group { group in _ = try group.perform { try prepared.perform(in: &$0) } }
    }

    /// Changes the bytes of what is stored under a key, as a disk may.
    func damage(_ key: String, in id: TableID, _ change: (inout [UInt8]) -> Void) throws {
        try group { group in
            let table = try #require(engine.catalog[id: id])
            let row = table.row(try ItemKey(schema: table.schema, item: ["p": text(key)]).bytes)
            var version = try #require(try group.store.get(.items, row))
            change(&version)
            try group.store.put(.items, row, version)
        }
    }

    /// Makes the last attribute's value, a key of three bytes, one that would not end.
    func damageImage(of key: String, in table: TableID) throws {
        try damage(key, in: table) { $0[$0.count - 4] = 0xff }
    }

    /// Makes the stamp's time one from the far future.
    func damageStamp(of key: String, in table: TableID) throws {
        try damage(key, in: table) { $0[1] |= 0x80 }
    }

    func delete(_ key: String, in table: String) throws {
        let request = DeleteItemRequest(tableName: table, key: ["p": text(key)])
        let prepared = try PreparedDeleteItem(request)
        try group { group in _ = try group.perform { try prepared.perform(in: &$0) } }
    }

    /// All that is stored in a keyspace, keys and values by turns.
    func rows(_ keyspace: Keyspace) throws -> [[UInt8]] {
        var rows: [[UInt8]] = []
        try store.snapshot().range(keyspace, from: [], to: nil, reversed: false) {
            rows += [[UInt8]($0), [UInt8]($1)]
            return true
        }
        return rows
    }

    /// Every item of a table with its note.
    func items(_ table: String) throws -> [String: String] {
        let response = try ScanRequest(tableName: table)
            .perform(in: ReadContext(catalog: engine.catalog, store: store.snapshot()))
        var notes: [String: String] = [:]
        for item in try response.items.read() {
            guard case .string(let key) = item["p"], case .string(let note) = item["note"] else {
                continue
            }
            notes[key.string] = note.string
        }
        return notes
    }

    func status(of table: TableID, in region: String) -> ReplicaStatus? {
        engine.catalog[id: table]?.description.replica(in: region)?.status
    }

    var conflicts: Int {
        var count = 0
        try? store.snapshot().range(.conflicts, from: [], to: nil, reversed: false) { _, _ in
            count += 1
            return true
        }
        return count
    }

    // MARK: Links

    func position(from source: ReplicaFixture) -> LinkPosition {
        engine.position(for: source.region, wallMilliseconds: time.milliseconds)
    }

    /// What the source would give now; nil for nothing.
    func nextBatch(from source: ReplicaFixture, bytesMax: Int = 1 << 20) throws -> ChangeBatch? {
        try source.feed().batch(after: position(from: source), bytesMax: bytesMax)
    }

    /// What the source would give of one table alone.
    func nextBatch(of table: TableID, from source: ReplicaFixture) throws -> ChangeBatch? {
        var position = position(from: source)
        position.inStep = position.inStep.filter { $0.tables.contains(table) }.map {
            LinkPosition.InStep(tables: [table], vector: $0.vector)
        }
        return try source.feed().batch(after: position, bytesMax: 1 << 20)
    }

    func nextChunk(
        of table: TableID,
        from source: ReplicaFixture,
        bytesMax: Int = 1 << 20,
    ) throws -> SnapshotChunk? {
        guard let join = position(from: source).joins.first(where: { $0.table == table }) else {
            return nil
        }
        let request = SnapshotRequest(target: region, join: join, bytesMax: bytesMax)
        return try source.feed().chunk(request)
    }

    /// Takes changes, not rows, until the source has none.
    func pullChanges(from source: ReplicaFixture) throws {
        try source.group { $0.heartbeat() }
        while let batch = try nextBatch(from: source) {
            let reply = try group { try $0.apply(ChangeBatch(decoding: batch.encoded())) }
            guard reply.outcome == .applied else { return }
        }
    }

    /// Asks as a link does: the source hears what is held of it here.
    func ask(_ source: ReplicaFixture) throws {
        let position = position(from: source)
        try source.group { $0.heard(position) }
    }

    func pull(from source: ReplicaFixture) throws {
        try ask(source)
        try pullChanges(from: source)
        for join in position(from: source).joins {
            while let chunk = try? nextChunk(of: join.table, from: source) {
                guard try group({ try $0.apply(chunk) }).outcome == .applied else { break }
            }
        }
    }

    /// Makes a table in the first of some regions, and a replica in each of the others, in turn.
    static func share(
        _ name: String,
        among regions: [ReplicaFixture],
        derived: Bool = false,
    ) throws -> TableID {
        let table = try regions[0].create(name, derived: derived)
        try settle(regions, rounds: 1)
        for region in regions.dropFirst() {
            try regions[0].update(name, .create(region: region.region))
            try settle(regions)
        }
        return table
    }

    /// Runs all links of a mesh until everybody has heard of everything, chores included.
    static func settle(_ regions: [ReplicaFixture], rounds: Int = 6) throws {
        for _ in 0..<rounds {
            for target in regions {
                for source in regions where source !== target { try target.pull(from: source) }
            }
            for region in regions { try region.group { _ = try $0.doChores() } }
        }
    }
}
