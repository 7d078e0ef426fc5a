import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine
@testable import Simulation

/// What checkers and the model make an exception of, and beside it that they do so there alone.
@Suite struct CheckerTests {
    private let region: SimulatedRegion
    private let engine: RegionEngine
    private let orders = TableID(randomBits: 1, 1)
    private let stock = TableID(randomBits: 2, 2)
    private let stamp = Stamp(
        time: HybridTime(milliseconds: 1_800_000_000_050),
        origin: Origin(region: "eu-west-1", startMilliseconds: 1_800_000_000_000, random: 1),
    )

    init() throws {
        region = SimulatedRegion(index: 0, name: "us-east-1")
        engine = try region.store.write { transaction in
            try RegionEngine(
                opening: transaction,
                region: "us-east-1",
                settings: EngineSettings(),
                wallMilliseconds: 1_800_000_000_100,
                randomBits: 7,
            )
        }
        region.engine = engine
        try create(orders, "orders")
        try create(stock, "stock")
    }

    private func create(_ id: TableID, _ name: String) throws {
        let schema = TableSchema(partition: TableSchema.KeyAttribute(name: "p", type: .string))
        let parts = TableParts(
            definition: TableParts.Definition(name: name, schema: schema, createdMilliseconds: 1),
            replicas: [TableParts.Replica(region: "us-east-1", status: .active)],
        )
        try region.store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: 1_800_000_000_200)
            try group.create(id, parts)
            try group.finish()
        }
    }

    /// A delete by another region, with all that its operation wrote.
    private func change(_ table: TableID, _ key: String, ordinal: UInt16 = 0) -> Change {
        let version = Version(
            stamp: stamp,
            ancestry: Ancestry(),
            image: nil,
            sizeBytes: 0,
            transactionItems: 2,
        )
        return Change(table: table, key: Array(key.utf8), ordinal: ordinal, version: version)
    }

    private func ledger(_ changes: Change...) -> Ledger {
        var ledger = Ledger()
        for change in changes {
            var seen = VersionVector()
            seen.raise(stamp.origin, to: stamp.time)
            ledger.append(
                Ledger.Record(change: change, seen: seen, expired: nil, operation: 1)
            )
        }
        return ledger
    }

    // MARK: Torn transactions

    /// Logs that the transaction lost its item in one table, and names no other.
    private func log(_ lost: Change) throws -> Replay.Conflict {
        let table = try #require(engine.catalog[id: lost.table])
        let winner = Stamp(time: stamp.time.next, origin: engine.origin)
        let record = ConflictRecord(
            table: lost.table,
            key: lost.key,
            winner: Version(stamp: winner, ancestry: Ancestry(), image: nil, sizeBytes: 0),
            loser: lost.version,
            detectedMilliseconds: 1_800_000_000_300,
            transaction: [ConflictRecord.Place(table: lost.table, key: lost.key)],
        )
        let key = ConflictKey.key(
            table: table.number,
            detected: record.detectedMilliseconds,
            item: lost.key,
            loser: stamp,
        )
        try region.store.write { try $0.put(.conflicts, key, record.encoded()) }
        return Replay.Conflict(table: lost.table, key: lost.key, winner: winner, loser: stamp)
    }

    /// A region that had been removed from one table, and did not know it, wrote to two at once; it
    /// kept the change to the one aside, and joined it again.
    @Test(arguments: [false, true])
    func `a torn transaction's record need not name what was kept aside`(isKeptAside: Bool) throws {
        let kept = change(orders, "k5")
        let lost = change(stock, "c6", ordinal: 1)
        var ledger = ledger(kept, lost)
        var replay = Replay()
        replay.conflicts = [try log(lost)]
        // What has come since passes the time of both.
        for table in [orders, stock] {
            region.watch.applied[table] = VersionVector()
            region.watch.applied[table]?.raise(stamp.origin, to: stamp.time.next)
        }
        if isKeptAside { ledger.withdraw(kept) }
        let scene = Scene(
            region: region,
            engine: engine,
            store: region.store.snapshot(),
            ledger: ledger,
        )
        let commit = Commit(wallMilliseconds: 1_800_000_000_300)
        if isKeptAside {
            #expect(try TornChecker.check(replay, commit, scene) == 1)
        } else {
            #expect(throws: BrokenInvariant.self) {
                try TornChecker.check(replay, commit, scene)
            }
        }
    }

    // MARK: Older files

    private func tally(putBack: Set<String>, base: HybridTime) throws -> Tally {
        let change = change(orders, "k0")
        var ledger = ledger(change)
        var writer = ByteWriter()
        ChangeCoding.append(change, to: &writer)
        let header = ChangeBatch.Header(
            source: stamp.origin,
            origin: stamp.origin,
            predecessor: nil,
            tables: [orders],
            after: .zero,
            through: stamp.time,
            changes: 1,
            isComplete: false,
            pending: 0,
            wallMilliseconds: 1_800_000_000_300,
            claims: [],
        )
        let position = LinkPosition(target: engine.origin, inStep: [], joins: [])
        var commit = Commit(wallMilliseconds: 1_800_000_000_300)
        commit.steps = [
            Commit.Step(
                work: .batch(
                    ChangeBatch(header: header, records: writer.bytes),
                    ApplyReply(outcome: .applied, position: position),
                    bases: [orders: base],
                ),
                changesAfter: 0,
            )
        ]
        let replayer = Replayer(
            region: region,
            engine: engine,
            chunkModels: [:],
            putBack: putBack,
        )
        let replay = try replayer.replay(commit, &ledger)
        return try #require(replay.tallies.first).tally
    }

    /// It was in the table's only member once, and went with that one's files.
    @Test func `what comes again at or below a base is stale where files were put back`() throws {
        let tally = try tally(putBack: ["us-east-1"], base: stamp.time)
        #expect(tally.stale == 1)
        let seen = region.model.version(orders, Array("k0".utf8))?.seen
        #expect(seen?.covers(stamp) == true)
    }

    @Test func `what comes at or below a base is new where no files were put back`() throws {
        #expect(try tally(putBack: [], base: stamp.time).newer == 1)
    }

    @Test func `what comes above a base is new whatever files were put back`() throws {
        #expect(try tally(putBack: ["us-east-1"], base: .zero).newer == 1)
    }
}
