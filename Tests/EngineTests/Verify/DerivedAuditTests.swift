import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// What a region derives from its items is looked through: nothing is wrong, or exactly what was
/// changed behind the engine's back.
struct DerivedAuditTests {
    private let region: OperationFixture

    /// A table with a local and a global index, an order of expiry, items and tombstones.
    init() throws {
        region = try OperationFixture()
        let partition = TableSchema.KeyAttribute(name: "p", type: .string)
        let sort = TableSchema.KeyAttribute(name: "c", type: .number)
        let local = SecondaryIndex(
            name: "local",
            schema: IndexSchema(partition: [partition], sort: [.init(name: "a", type: .number)]),
            projection: IndexProjection(type: .keysOnly),
        )
        let global = GlobalIndex(
            index: SecondaryIndex(
                name: "global",
                schema: IndexSchema(partition: [.init(name: "x", type: .string)]),
                projection: IndexProjection(type: .all),
            )
        )
        let create = CreateTableRequest(
            tableName: "t",
            attributeDefinitions: [],
            schema: TableSchema(partition: partition, sort: sort),
            localIndexes: [local],
            globalIndexes: [global],
        )
        _ = try region.write { try create.perform(in: &$0) }
        let expire = UpdateTimeToLiveRequest(
            tableName: "t",
            specification: TimeToLiveSpecification(isEnabled: true, attributeName: "ttl"),
        )
        _ = try region.write { try expire.perform(in: &$0) }
        for _ in 0..<4 { try region.doChores() }
        for place in 0..<60 { try region.put(item(place)) }
        for place in 50..<60 { try delete(place) }
    }

    private func item(_ place: Int) -> Item {
        [
            "p": text("p\(place % 7)"), "c": number(place), "a": number(place % 5),
            "x": text("x\(place % 11)"), "ttl": number(1_900_000_000 + place),
        ]
    }

    private func delete(_ place: Int) throws {
        let key: Item = ["p": text("p\(place % 7)"), "c": number(place)]
        let request = DeleteItemRequest(tableName: "t", key: key)
        let prepared = try PreparedDeleteItem(request)
        _ = try region.write { try prepared.perform(in: &$0) }
    }

    private func table() throws -> Table {
        try #require(region.engine.catalog.table(named: "t"))
    }

    private func key(_ place: Int) throws -> [UInt8] {
        try ItemKey(schema: try table().schema, item: item(place)).bytes
    }

    private func findings() throws -> [DerivedReply.Finding] {
        let table = try table()
        return try region.read { context in
            try DerivedAudit(catalog: context.catalog, store: context.store, table: table).all()
                .findings
        }
    }

    /// What is wrong, each as its subject and problem; all must be about one item, if about any.
    private func said(about place: Int? = nil) throws -> [String] {
        let findings = try findings()
        if let place {
            let key = try key(place)
            #expect(findings.allSatisfy { $0.key.isEmpty || $0.key == key })
            #expect(findings.contains { $0.keyText.contains("\"p\(place % 7)\"") })
        }
        return findings.map { "\($0.subject) \($0.problem)" }
    }

    /// The rows of a keyspace whose keys hold an item's key.
    private func rows(_ keyspace: Keyspace, _ place: Int) throws -> [[UInt8]] {
        let key = try key(place)
        var rows: [[UInt8]] = []
        try region.store.snapshot().range(keyspace, from: [], to: nil, reversed: false) { row, _ in
            if Array(row.suffix(key.count)) == key { rows.append([UInt8](row)) }
            return true
        }
        return rows
    }

    @Test func `nothing is wrong with what the engine did`() throws {
        #expect(try findings().isEmpty)
    }

    @Test func `an index row that is gone is named`() throws {
        let rows = try rows(.indexes, 3)
        #expect(rows.count == 2)
        for row in rows { try region.store.write { try $0.delete(.indexes, row) } }
        let said = try said(about: 3)
        #expect(said.filter { $0.hasSuffix("lacks the item's entry") }.count == 2)
        #expect(said.contains { $0.hasPrefix("counts of index global say 50 of") })
        #expect(said.contains { $0.hasPrefix("counts of index local say 50 of") })
        #expect(said.count == 4)
    }

    @Test func `an index row that shows another item is named`() throws {
        let row = try #require(try rows(.indexes, 3).first)
        let other = try #require(try rows(.indexes, 4).first)
        try region.store.write { try $0.put(.indexes, row, try $0.get(.indexes, other) ?? []) }
        #expect(try said(about: 3).contains { $0.hasSuffix("shows another item") })
    }

    @Test func `an index row of no item is named`() throws {
        let row = try #require(try rows(.indexes, 3).first)
        let deleted = try key(55)
        let orphan = Array(row.dropLast(try key(3).count)) + deleted
        try region.store.write { try $0.put(.indexes, orphan, try $0.get(.indexes, row) ?? []) }
        let said = try findings()
        #expect(said.contains { $0.key == deleted && $0.problem.contains("does not call for") })
    }

    @Test func `an item that is gone leaves what it called for`() throws {
        let row = try table().row(try key(3))
        try region.store.write { try $0.delete(.items, row) }
        let said = try findings().map(\.subject)
        #expect(
            said.sorted() == [
                "counts", "expiry", "index global", "index local", "item collection",
            ]
        )
    }

    @Test func `an order of expiry that lacks an entry, or has one too many, is named`() throws {
        let row = try #require(try rows(.expiries, 3).first)
        try region.store.write { try $0.delete(.expiries, row) }
        #expect(try said(about: 3) == ["expiry lacks the item's entry"])
        let deleted = Array(row.dropLast(try key(3).count)) + (try key(55))
        try region.store.write { transaction in
            try transaction.put(.expiries, row, [])
            try transaction.put(.expiries, deleted, [])
        }
        #expect(
            try said(about: 55) == ["expiry holds an entry that the item does not call for"]
        )
    }

    @Test func `the order of tombstones is looked at both ways`() throws {
        let row = try #require(try rows(.tombstones, 55).first)
        try region.store.write { try $0.delete(.tombstones, row) }
        #expect(try said(about: 55) == ["tombstones lack this one"])
        let live = Array(row.dropLast(try key(55).count)) + (try key(3))
        try region.store.write { transaction in
            try transaction.put(.tombstones, row, [])
            try transaction.put(.tombstones, live, [])
        }
        #expect(try said(about: 3) == ["tombstones hold one that is none"])
    }

    @Test func `the size of an item collection is looked at`() throws {
        let row = try CollectionKey.key(of: try table(), itemKey: try key(3))
        var writer = ByteWriter()
        writer.uint64(7)
        try region.store.write { try $0.put(.collections, row, writer.bytes) }
        #expect(try said().count == 1)
        #expect(try said()[0].hasPrefix("item collection of 7 bytes holds"))
        try region.store.write { try $0.delete(.collections, row) }
        #expect(try said() == ["item collections lack the item's"])
    }

    @Test func `an item that cannot be read is named`() throws {
        let row = try table().row(try key(3))
        try region.store.write { try $0.put(.items, row, [255]) }
        #expect(try said(about: 3).contains("item cannot be read"))
    }

    @Test func `counts that are wrong are named with what there is`() throws {
        let number = try table().number
        var counts = TableCounts()
        counts.items = 49
        try region.store.write {
            try $0.put(.meta, MetaKey.counts(of: number), counts.encoded())
        }
        #expect(try said().count == 1)
        #expect(try said()[0].hasPrefix("counts say 49 of 0 bytes, and there are 50 of"))
    }

    @Test func `counts are made anew of the rows`() throws {
        let table = try table()
        let row = table.row(try key(3))
        try region.store.write { try $0.delete(.items, row) }
        let entry = try #require(try rows(.indexes, 4).first)
        try region.store.write { try $0.delete(.indexes, entry) }
        #expect(try findings().contains { $0.subject.hasPrefix("counts") })
        try region.store.write { transaction in
            let group = region.engine.group(in: transaction, wallMilliseconds: 1_800_000_100_000)
            try group.recount(table.id)
            try group.finish()
        }
        let left = try findings().map(\.subject)
        #expect(!left.isEmpty)
        #expect(!left.contains { $0.hasPrefix("counts") })
    }

    @Test func `a place outside the table is refused`() throws {
        let table = try table()
        let place = DerivedRequest.Place(.items, from: Table.rowPrefix(table.number + 2))
        #expect(throws: PeerRefusal.self) {
            try region.read { context in
                try DerivedAudit(catalog: context.catalog, store: context.store, table: table)
                    .piece(at: place)
            }
        }
    }
}
