import Items
import Testing
import Wire

@testable import Engine

/// An index that is built of the items that are there, a few in each round of chores.
struct IndexBuildTests {
    private static let itemCount = 40

    private let index = GlobalIndex(
        index: SecondaryIndex(
            name: "by-x",
            schema: IndexSchema(partition: [.init(name: "x", type: .string)]),
            projection: IndexProjection(type: .keysOnly),
        )
    )

    private func begin(_ rowsMax: Int) throws -> OperationFixture {
        let region = try OperationFixture(settings: EngineSettings(indexRowsMax: rowsMax))
        try region.create("t")
        for place in 0..<Self.itemCount { try region.put(item(place, "old")) }
        let update = UpdateTableRequest(tableName: "t", indexUpdates: [.create(index)])
        _ = try region.write { try update.perform(in: &$0) }
        return region
    }

    private func item(_ place: Int, _ x: String) -> Item {
        ["p": text("item\(place)"), "x": text(x), "other": number(place)]
    }

    private func phase(_ region: OperationFixture) throws -> IndexStates.Phase {
        let table = try #require(region.engine.catalog.table(named: "t"))
        return try #require(table.indexes.first).phase
    }

    private func isBuilding(_ region: OperationFixture) throws -> Bool {
        if case .building(.some) = try phase(region) { true } else { false }
    }

    /// What the index shows, as `p` and `x` of each item.
    private func entries(_ region: OperationFixture) throws -> [String: String] {
        let found = try region.scan(ScanRequest(tableName: "t", indexName: "by-x")).items.read()
        var entries: [String: String] = [:]
        for entry in found {
            #expect(entry.attributes.count == 2)
            guard case .string(let p) = entry["p"], case .string(let x) = entry["x"] else {
                continue
            }
            #expect(entries.updateValue(x.string, forKey: p.string) == nil)
        }
        return entries
    }

    private func finish(_ region: OperationFixture) throws {
        var rounds = 0
        while try phase(region) != .active {
            try region.doChores()
            rounds += 1
            try #require(rounds < 10 * Self.itemCount)
        }
    }

    @Test func `a build goes on after a crash where it stood`() throws {
        var region = try begin(3)
        #expect(try phase(region) == .building(through: nil))
        for _ in 0..<4 { try region.doChores() }
        #expect(try isBuilding(region))
        let before = try phase(region)

        region = try OperationFixture(restarting: region)
        #expect(try phase(region) == before)
        try region.doChores()
        #expect(try isBuilding(region))
        #expect(try phase(region) != before)
        try finish(region)
        let expected = (0..<Self.itemCount).map { ("item\($0)", "old") }
        #expect(try entries(region) == Dictionary(uniqueKeysWithValues: expected))
        let counts = try region.write { context in
            let table = try context.table("t")
            return try context.group.indexCounts(of: table)
        }
        #expect(counts.values.map(\.items) == [Int64(Self.itemCount)])
    }

    @Test(arguments: [1, 7, 1_000])
    func `writes behind and ahead of a build are in the index once`(rowsMax: Int) throws {
        var region = try begin(rowsMax)
        var expected: [String: String] = [:]
        for place in 0..<Self.itemCount { expected["item\(place)"] = "old" }
        for round in 0..<Self.itemCount {
            // One changes, one goes, one comes, one leaves the index: all over the table.
            try region.put(item(round, "new\(round)"))
            expected["item\(round)"] = "new\(round)"
            let gone = (round * 7 + 3) % Self.itemCount
            if round % 5 == 0, gone < round {
                try region.delete(
                    DeleteItemRequest(tableName: "t", key: ["p": text("item\(gone)")])
                )
                expected["item\(gone)"] = nil
            }
            try region.put(item(1_000 + round, "late"))
            expected["item\(1_000 + round)"] = "late"
            if round % 3 == 0 {
                try region.put(["p": text("item\(round)")])
                expected["item\(round)"] = nil
            }
            try region.doChores()
            if round % 10 == 9 { region = try OperationFixture(restarting: region) }
        }
        try finish(region)
        #expect(try entries(region) == expected)
    }

    @Test func `an index that is being built cannot be read`() throws {
        let region = try begin(3)
        try region.doChores()
        expectInvalid("Cannot read from backfilling global secondary index: by-x") {
            _ = try region.scan(ScanRequest(tableName: "t", indexName: "by-x"))
        }
    }
}
