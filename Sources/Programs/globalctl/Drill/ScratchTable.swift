import Causality
import Changes
import Glibc
import JSON

/// The table of a drill, with a replica in every region.
struct ScratchTable {
    let name: String
    let regions: Regions
    /// The region it is made in, and that of the drill is never.
    let home: String

    private static let waitMilliseconds: UInt64 = 120_000
    private static let pauseMicroseconds: UInt32 = 100_000

    init(_ regions: Regions, sparing region: String) {
        let bits = String(UInt32.random(in: .min ... .max), radix: 16)
        name = "drill-\(String(repeating: "0", count: 8 - bits.count))\(bits)"
        self.regions = regions
        home = regions.names.first { $0 != region } ?? region
    }

    func create() throws {
        let definition: [JSONValue.Member] = [
            .init("TableName", .string(name)),
            .init("BillingMode", .string("PAY_PER_REQUEST")),
            .init(
                "AttributeDefinitions",
                .array([
                    .object([
                        .init("AttributeName", .string("p")), .init("AttributeType", .string("S")),
                    ])
                ]),
            ),
            .init(
                "KeySchema",
                .array([
                    .object([
                        .init("AttributeName", .string("p")), .init("KeyType", .string("HASH")),
                    ])
                ]),
            ),
        ]
        _ = try regions.api(home, "CreateTable", .object(definition))
        try wait("the table is active in \(home)") { isActive(in: home) }
        for region in regions.names where region != home {
            try changeReplica("Create", region)
            try wait("the replica in \(region) is active") {
                isActive(in: region) && isActive(in: home)
            }
        }
    }

    /// Whether a region serves the table, by its own word.
    func isActive(in region: String) -> Bool {
        let question = JSONValue.object([.init("TableName", .string(name))])
        let answer = try? regions.api(region, "DescribeTable", question)
        return answer?["Table"]?["TableStatus"]?.text == "ACTIVE"
    }

    /// How far a region has applied the table.
    ///
    /// - Throws: if it does not answer, or does not know the table.
    func vector(in region: String) throws -> VersionVector {
        let status = try regions.peer(region, "/status")
        let group = (status["vectors"]?.elements ?? []).first { group in
            (group["tables"]?.elements ?? []).contains { $0.text == name }
        }
        guard let vector = group?["vector"].flatMap(VersionVector.init(json:)) else {
            throw Failure("\(region) does not know \(name)")
        }
        return vector
    }

    func waitUntilActive(in region: String, _ milliseconds: UInt64) throws {
        try wait("\(region) serves the table", milliseconds) { isActive(in: region) }
    }

    /// Removes the replicas one after another, and the last with the table.
    func delete() throws {
        for region in regions.names where region != home {
            try changeReplica("Delete", region)
            try wait("the replica in \(region) is gone") {
                !ReplicaView(name, regions).members.contains(region) && isActive(in: home)
                    && ReplicaView(name, regions).isGoneEverywhere(region)
            }
        }
        _ = try regions.api(home, "DeleteTable", .object([.init("TableName", .string(name))]))
    }

    private func changeReplica(_ change: String, _ region: String) throws {
        let replica = JSONValue.object([.init("RegionName", .string(region))])
        let update = JSONValue.object([.init(change, replica)])
        _ = try regions.api(
            home,
            "UpdateTable",
            .object([
                .init("TableName", .string(name)), .init("ReplicaUpdates", .array([update])),
            ]),
        )
    }

    private func wait(
        _ what: String,
        _ milliseconds: UInt64 = waitMilliseconds,
        _ isSo: () -> Bool,
    ) throws {
        let deadline = Clock.milliseconds() + milliseconds
        while !isSo() {
            guard Clock.milliseconds() < deadline else {
                throw Failure("after \(milliseconds / 1_000) s it is still not so that \(what)")
            }
            usleep(Self.pauseMicroseconds)
        }
    }
}
