import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// Fencing a region that is to be evacuated: what it refuses, what goes on, and what its fence says.
struct FenceTests {
    private let time: TestTime
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let north: ReplicaFixture
    private let table: TableID

    init() throws {
        let time = TestTime()
        self.time = time
        (east, west, north, table) = try FenceTests.shared(time, [])
    }

    private typealias Shared = (ReplicaFixture, ReplicaFixture, ReplicaFixture, TableID)

    /// Three members of one table, all up to date.
    private static func shared(_ time: TestTime, _ bugs: Set<PlantedBug>) throws -> Shared {
        let all = try ["us-east-1", "eu-west-1", "ap-north-1"].map {
            try ReplicaFixture($0, time, bugs: bugs)
        }
        let table = try ReplicaFixture.share("abc", among: all)
        try #require(all[2].status(of: table, in: "ap-north-1") == .active)
        return (all[0], all[1], all[2], table)
    }

    private var all: [ReplicaFixture] { [east, west, north] }

    private func isRefused(_ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return false
        } catch let error as ServiceError {
            return error.code == "ServiceUnavailable" && error.status == 503
                && error.message.contains("us-east-1 is being evacuated")
        }
    }

    private func report(_ region: ReplicaFixture) throws -> FenceReport {
        try FenceReport(
            catalog: region.engine.catalog,
            reading: region.store.snapshot(),
            wallMilliseconds: time.milliseconds,
        )
    }

    // MARK: What is refused

    @Test func `a fenced region refuses writes and changes of tables and serves reads`() throws {
        try east.put("k", "1", in: "abc")
        _ = try east.group { try $0.fence() }
        #expect(try isRefused { try east.put("k", "2", in: "abc") })
        #expect(try isRefused { try east.delete("k", in: "abc") })
        #expect(try isRefused { try east.update("abc", .delete(region: "ap-north-1")) })
        #expect(try isRefused { try east.deleteTable("abc") })
        #expect(throws: PeerRefusal.self) {
            try east.group { try $0.removeByForce("ap-north-1", from: table) }
        }
        #expect(try east.items("abc") == ["k": "1"])
        #expect(!(try isRefused { try west.put("k", "3", in: "abc") }))
    }

    @Test func `it goes on to merge and to give what it has`() throws {
        try east.put("mine", "e", in: "abc")
        _ = try east.group { try $0.fence() }
        try west.put("theirs", "w", in: "abc")
        try ReplicaFixture.settle(all)
        for region in all {
            #expect(try region.items("abc") == ["mine": "e", "theirs": "w"])
        }
    }

    @Test func `a transaction that took effect before says so behind the fence`() throws {
        func request(_ token: String) throws -> PreparedTransactWriteItems {
            try PreparedTransactWriteItems(
                TransactWriteItemsRequest(
                    actions: [
                        TransactWrite(
                            tableName: "abc",
                            kind: .put(item: ["p": .string("k"), "note": .string(Text(token))]),
                        )
                    ],
                    clientRequestToken: token,
                )
            )
        }
        let first = try request("first")
        try east.group { group in _ = try group.perform { try first.perform(in: &$0) } }
        _ = try east.group { try $0.fence() }
        try east.group { group in
            _ = try group.perform(isBehindFence: true) { try first.perform(in: &$0) }
        }
        let second = try request("second")
        #expect(
            try isRefused {
                try east.group { group in
                    _ = try group.perform(isBehindFence: true) { try second.perform(in: &$0) }
                }
            }
        )
        #expect(try east.items("abc") == ["k": "first"])
    }

    // MARK: What it says

    @Test func `a fence is set once and lifted once`() throws {
        let first = try east.group { try $0.fence() }
        time.milliseconds += 5_000
        #expect(try east.group { try $0.fence() } == first)
        #expect(try east.group { try $0.liftFence() } == first)
        #expect(try east.group { try $0.liftFence() } == nil)
        try east.put("k", "1", in: "abc")
        #expect(try east.group { try $0.fence() }.time > first.time)
    }

    @Test func `it covers all writes of its group and the last of them is told`() throws {
        let item: Item = ["p": .string("k"), "note": .string("1")]
        let put = try PreparedPutItem(PutItemRequest(tableName: "abc", item: item))
        let (fence, written) = try east.group { group in
            _ = try group.perform { try put.perform(in: &$0) }
            let written = east.engine.clock.last
            return (try group.fence(), written)
        }
        #expect(fence.lastWrite == written)
        #expect(fence.through > written)
        let vector = try #require(fence.table(table)?.vector)
        #expect(vector[east.engine.origin] == fence.through)
        #expect(vector == east.engine.vector(of: table))
        #expect(fence.table(table)?.members == ["ap-north-1", "eu-west-1"])
        #expect(fence.table(.system) != nil)
    }

    @Test func `the last write is found in the history of an incarnation before`() throws {
        try east.put("k", "1", in: "abc")
        let written = east.engine.clock.last
        try east.restart()
        #expect(try east.group { try $0.fence() }.lastWrite == written)
    }

    @Test func `others know the fence and its lifting`() throws {
        let fence = try east.group { try $0.fence() }
        try ReplicaFixture.settle(all)
        for region in all {
            #expect(try report(region).fence(of: "us-east-1") == fence)
            #expect((region.engine.catalog.fence != nil) == (region === east))
        }
        _ = try east.group { try $0.liftFence() }
        try ReplicaFixture.settle(all)
        for region in all { #expect(try report(region).fences.isEmpty) }
    }

    @Test func `a report tells how far its region has come`() throws {
        try west.put("k", "1", in: "abc")
        let before = try #require(try report(east).standing(table)?.seen)
        try east.pull(from: west)
        let standing = try #require(try report(east).standing(table))
        #expect(standing.seen == east.engine.vector(of: table))
        #expect(standing.seen.covers(before) && standing.seen != before)
        #expect(standing.replica == .whole)
        #expect(standing.members == ["ap-north-1", "eu-west-1", "us-east-1"])
    }

    // MARK: Restarts

    @Test(arguments: [Set<PlantedBug>(), [.fenceForgottenAtRestart]])
    func `a region that is started again stays fenced`(bugs: Set<PlantedBug>) throws {
        let (east, _, _, _) = try FenceTests.shared(time, bugs)
        let fence = try east.group { try $0.fence() }
        try east.restart()
        #expect(try isRefused { try east.put("k", "1", in: "abc") } == bugs.isEmpty)
        if bugs.isEmpty { #expect(try east.group { try $0.fence() } == fence) }
    }

    @Test func `a fence that was lost with the files comes back and covers what came between`()
        throws
    {
        let backup = east.store.copy()
        let fence = try east.group { try $0.fence() }
        try ReplicaFixture.settle(all)
        try east.restart(from: backup)
        try east.put("between", "e", in: "abc")
        try ReplicaFixture.settle(all)
        #expect(try isRefused { try east.put("k", "1", in: "abc") })
        let renewed = try #require(east.engine.catalog.fence)
        #expect(renewed.time == fence.time)
        #expect(renewed.sinceMilliseconds == fence.sinceMilliseconds)
        #expect(renewed.through > fence.through)
        let origin = east.engine.origin
        #expect(try #require(renewed.table(table)?.vector[origin]) == renewed.through)
        for region in all {
            #expect(try report(region).fence(of: "us-east-1") == renewed)
            #expect(try region.items("abc") == ["between": "e"])
        }
    }

    @Test func `a lifting that was lost with the files comes back`() throws {
        _ = try east.group { try $0.fence() }
        let backup = east.store.copy()
        _ = try east.group { try $0.liftFence() }
        try ReplicaFixture.settle(all)
        try east.restart(from: backup)
        #expect(try isRefused { try east.put("k", "1", in: "abc") })
        try ReplicaFixture.settle(all)
        try east.put("k", "1", in: "abc")
    }

    // MARK: Rules that a planted bug breaks

    @Test(arguments: [Set<PlantedBug>(), [.fenceBeforeQueuedWork]])
    func `a fence waits for what was queued before it`(bugs: Set<PlantedBug>) throws {
        let (east, west, north, table) = try FenceTests.shared(time, bugs)
        let item: Item = ["p": .string("k"), "note": .string("1")]
        let put = try PreparedPutItem(PutItemRequest(tableName: "abc", item: item))
        // The west has all but what comes now.
        try west.pull(from: north)
        try west.pull(from: east)
        let fence = try east.group { group in
            _ = try group.perform { try put.perform(in: &$0) }
            return try group.fence()
        }
        let required = try #require(fence.table(table)?.vector)
        #expect(west.engine.vector(of: table).covers(required) == !bugs.isEmpty)
    }

    /// What the west wrote before it was lost is in the east alone.
    @Test(arguments: [Set<PlantedBug>(), [.fenceOwnOriginOnly]])
    func `a fence says what the region has of others`(bugs: Set<PlantedBug>) throws {
        let (east, west, north, table) = try FenceTests.shared(time, bugs)
        try west.put("k", "w", in: "abc")
        try east.pull(from: west)
        let fence = try east.group { try $0.fence() }
        try north.pull(from: east)
        let required = try #require(fence.table(table)?.vector)
        #expect(try north.items("abc").isEmpty)
        #expect(north.engine.vector(of: table).covers(required) == !bugs.isEmpty)
    }

    @Test(arguments: [Set<PlantedBug>(), [.expiryIgnoresFence]])
    func `nothing expires in a fenced region`(bugs: Set<PlantedBug>) throws {
        let (east, _, _, _) = try FenceTests.shared(time, bugs)
        let specification = TimeToLiveSpecification(isEnabled: true, attributeName: "x")
        let enabling = UpdateTimeToLiveRequest(tableName: "abc", specification: specification)
        try east.group { group in _ = try group.perform { try enabling.perform(in: &$0) } }
        let past = Int(east.now / 1_000) - 10
        let item: Item = [
            "p": .string("k"), "note": .string("1"), "x": .number(DecimalNumber(past)),
        ]
        let put = try PreparedPutItem(PutItemRequest(tableName: "abc", item: item))
        try east.group { group in _ = try group.perform { try put.perform(in: &$0) } }
        _ = try east.group { try $0.fence() }
        try east.group { group in _ = try group.sweepExpired(after: nil) }
        #expect(try east.items("abc").isEmpty == !bugs.isEmpty)
        if bugs.isEmpty {
            _ = try east.group { try $0.liftFence() }
            try east.group { group in _ = try group.sweepExpired(after: nil) }
            #expect(try east.items("abc").isEmpty)
        }
    }
}
