import Items
import Testing
import Wire

@testable import Engine

struct TableOperationsTests {
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture()
        let schema = TableSchema(partition: TableSchema.KeyAttribute(name: "p", type: .string))
        let request = CreateTableRequest(
            tableName: "orders",
            attributeDefinitions: [schema.partition],
            schema: schema,
        )
        let answer = try region.write { try request.perform(in: &$0) }
        #expect(answer.table.status == .creating)
    }

    @Test func `a table serves as soon as it is made`() throws {
        #expect(try describe().status == .active)
        try region.put(Item([.init("p", .string("a"))]), in: "orders")
        #expect(try describe().itemCount == 1)
    }

    @Test func `two tables of one name are refused`() throws {
        #expect(throws: ServiceError.resourceInUse("Table already exists: orders")) {
            let schema = TableSchema(partition: TableSchema.KeyAttribute(name: "q", type: .number))
            let request = CreateTableRequest(
                tableName: "orders",
                attributeDefinitions: [schema.partition],
                schema: schema,
            )
            _ = try region.write { try request.perform(in: &$0) }
        }
    }

    @Test func `a replica asked for is being created, and the table updated`() throws {
        try update(.create(region: "eu-west-1"))
        let table = try describe()
        #expect(table.status == .updating)
        #expect(table.globalTableVersion == "2019.11.21")
        #expect(table.replicas.map(\.regionName) == ["eu-west-1"])
        #expect(table.replicas.map(\.status) == [.creating])
        #expect(throws: ServiceError.self) { try update(.create(region: "ap-south-1")) }
    }

    @Test func `a replica in a region never heard of is taken back at once`() throws {
        try update(.create(region: "mars-north-1"))
        try update(.delete(region: "mars-north-1"))
        let table = try describe()
        #expect(table.status == .active)
        #expect(table.replicas.isEmpty)
    }

    @Test func `a table whose other replicas never began is deleted at once`() throws {
        try update(.create(region: "mars-north-1"))
        let request = DeleteTableRequest(tableName: "orders")
        let answer = try region.write { try request.perform(in: &$0) }
        #expect(answer.table.status == .deleting)
        #expect(throws: ServiceError.self) { try describe() }
    }

    @Test func `the rows of a deleted table go, and its name is free`() throws {
        try region.put(Item([.init("p", .string("a"))]), in: "orders")
        let request = DeleteTableRequest(tableName: "orders")
        _ = try region.write { try request.perform(in: &$0) }
        try region.store.write { transaction in
            let group = region.engine.group(in: transaction, wallMilliseconds: 1_800_000_100_000)
            while try group.doChores() {}
            try group.finish()
        }
        #expect(region.engine.purges.isEmpty)
        try region.create("orders")
        #expect(try describe().itemCount == 0)
    }

    @Test func `a new table's continuous backups are shown as on a minute later`() throws {
        let request = DescribeContinuousBackupsRequest(tableName: "orders")
        let created = UInt64(try describe().creationMilliseconds)
        for (age, isOn) in [(0, false), (59_999, false), (60_000, true)] as [(UInt64, Bool)] {
            let answer = try region.read { try request.perform(in: $0, now: created + age) }
            #expect(answer.isOn == isOn)
        }
    }

    private func describe() throws -> TableDescription {
        let request = DescribeTableRequest(tableName: "orders")
        return try region.read { try request.perform(in: $0, now: 1_800_000_000_000).table }
    }

    private func update(_ change: ReplicaUpdate) throws {
        let request = UpdateTableRequest(tableName: "orders", replicaUpdates: [change])
        _ = try region.write { try request.perform(in: &$0) }
    }
}
