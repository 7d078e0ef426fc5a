import Items
import Testing
import Wire

@testable import Engine

/// Which settings of a table its replicas share, where two regions change them at once.
struct SharedSettingsTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private var both: [ReplicaFixture] { [east, west] }

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        _ = try ReplicaFixture.share("abc", among: both)
    }

    private func parts(_ region: ReplicaFixture) throws -> TableParts {
        try #require(region.engine.catalog.table(named: "abc")).description
    }

    private func change(
        _ region: ReplicaFixture,
        _ change: (inout UpdateTableRequest) -> Void,
    ) throws {
        var request = UpdateTableRequest(tableName: "abc")
        change(&request)
        let update = request
        try region.group { group in _ = try group.perform { try update.perform(in: &$0) } }
    }

    private func tag(_ region: ReplicaFixture, _ key: String, _ value: String) throws {
        let request = TagResourceRequest(
            resource: ResourceARN(
                TableARN.text(region: region.region, tableName: "abc"),
                of: "abc",
                in: region.region,
                for: .tags,
            ),
            tags: [Tag(key: key, value: value)],
        )
        try region.group { group in _ = try group.perform { try request.perform(in: &$0) } }
    }

    @Test func `changes of different settings at once both stand`() throws {
        try change(east) { $0.settings.tableClass = .standardInfrequentAccess }
        try change(west) { $0.settings.onDemand = OnDemandThroughput(maxReadRequestUnits: 7) }
        try change(west) { $0.settings.encryption = EncryptionSpecification(isEnabled: true) }
        try ReplicaFixture.settle(both)
        for region in both {
            let parts = try parts(region)
            #expect(parts.tableClass == .standardInfrequentAccess)
            #expect(parts.onDemand(in: region.region)?.maxReadRequestUnits == 7)
            #expect(parts.isEncryptedWithKey)
        }
    }

    @Test func `tags of two regions do not meet, and a removal is not undone by one`() throws {
        try tag(east, "a", "east")
        try tag(west, "a", "west")
        try ReplicaFixture.settle(both)
        for region in both {
            #expect(
                try parts(region).replica(in: east.region)?.settings.tags.first?.value == "east"
            )
            #expect(
                try parts(region).replica(in: west.region)?.settings.tags.first?.value == "west"
            )
        }
        try east.update("abc", .delete(region: west.region))
        try tag(west, "b", "late")
        try ReplicaFixture.settle(both)
        #expect(west.engine.catalog.table(named: "abc") == nil)
        #expect(try parts(east).replicas.map(\.region) == [east.region])
    }

    @Test func `a replica that comes back has nothing of the one before`() throws {
        try tag(west, "a", "old")
        try change(west) { $0.settings.onDemand = OnDemandThroughput(maxReadRequestUnits: 9) }
        try east.update(
            "abc",
            .update(region: west.region, overrides: ReplicaOverrides(maxReadRequestUnits: 5)),
        )
        try ReplicaFixture.settle(both)
        #expect(try parts(west).onDemand(in: west.region)?.maxReadRequestUnits == 5)
        try east.update("abc", .delete(region: west.region))
        try ReplicaFixture.settle(both)
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle(both)
        let replica = try #require(try parts(west).replica(in: west.region))
        #expect(replica.settings == RegionalSettings())
        #expect(replica.overrides == ReplicaOverrides())
        #expect(try parts(west).onDemand(in: west.region)?.maxReadRequestUnits == 9)
    }

    @Test func `all parts of a description survive a restart`() throws {
        try tag(east, "a", "")
        try change(east) {
            $0.settings.isDeletionProtected = true
            $0.settings.warm = WarmThroughput(readUnitsPerSecond: 13_000)
        }
        try change(east) {
            $0.billingMode = .provisioned
            $0.throughput = ProvisionedThroughput(readCapacityUnits: 9, writeCapacityUnits: 8)
        }
        try change(east) {
            $0.throughput = ProvisionedThroughput(readCapacityUnits: 8, writeCapacityUnits: 9)
        }
        let scaling = UpdateTableReplicaAutoScalingRequest(
            tableName: "abc",
            updates: [ScalingUpdate(.read(region: west.region), Self.scaling)],
        )
        try east.group { group in _ = try group.perform { try scaling.perform(in: &$0) } }
        let before = try parts(east)
        #expect(before.scaling(.read(region: west.region))?.policy?.target == "55.5")
        #expect(before.billing.changes.decreases == 1)
        try east.restart()
        #expect(try parts(east) == before)
    }

    private static var scaling: AutoScalingSettings {
        var settings = AutoScalingSettings()
        settings.minimumUnits = 1
        settings.maximumUnits = 9
        settings.policy = AutoScalingSettings.Policy(target: "55.5")
        settings.policy?.scaleInCooldownSeconds = 60
        return settings
    }
}
