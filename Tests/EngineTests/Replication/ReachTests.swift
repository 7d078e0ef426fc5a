import Causality
import Changes
import Testing
import Wire

@testable import Engine

/// Whether a region has come as far as a token, across its own incarnations.
struct ReachTests {
    private let time = TestTime()

    @Test func `a token from before a restart is reached, also for a table that came later`() throws
    {
        let east = try ReplicaFixture("us-east-1", time)
        _ = try east.create("abc")
        try east.put("k", "1", in: "abc")
        let token = east.engine.causalToken()
        try east.restart()
        _ = try east.create("later")
        #expect(east.engine.reach.gap(to: token, of: ["abc", "later"]) == nil)
    }

    /// The files do not even know of the incarnation that made the token.
    @Test func `a token for a write that was lost with the files is not reached`() throws {
        let east = try ReplicaFixture("us-east-1", time)
        _ = try east.create("abc")
        let backup = east.store.copy()
        try east.restart()
        try east.put("k", "1", in: "abc")
        let token = east.engine.causalToken()
        #expect(east.engine.reach.gap(to: token, of: ["abc"]) == nil)
        try east.restart(from: backup)
        #expect(east.engine.reach.gap(to: token, of: ["abc"]) != nil)
    }

    /// The incarnation wrote to the table, left it, and ended before the region came back.
    @Test func `a token of an incarnation that ended outside of a table is reached in the table`()
        throws
    {
        let east = try ReplicaFixture("us-east-1", time)
        let west = try ReplicaFixture("eu-west-1", time)
        let table = try ReplicaFixture.share("abc", among: [east, west])
        try east.put("k", "1", in: "abc")
        try ReplicaFixture.settle([east, west])
        try west.update("abc", .delete(region: east.region))
        try ReplicaFixture.settle([east, west])
        try #require(east.engine.catalog[id: table] == nil)

        _ = try east.create("own")
        try east.put("k", "2", in: "own")
        let token = east.engine.causalToken()
        try east.restart()
        try ReplicaFixture.settle([east, west])
        try west.update("abc", .create(region: east.region))
        try ReplicaFixture.settle([east, west])
        try #require(east.status(of: table, in: east.region) == .active)
        #expect(east.engine.reach.gap(to: token, of: ["abc"]) == nil)
        #expect(west.engine.reach.gap(to: token, of: ["abc"]) == nil)
    }
}
