import Items
import Testing
import Wire

@testable import Engine

/// What a read of one item takes of its table, beside the whole table.
struct KeyedTableTests {
    /// The short way to a row is there for just the tables that may be read, and leads where the long
    /// one does.
    private func expectAgreement(_ region: OperationFixture, _ names: [String]) throws {
        let catalog = region.engine.catalog
        for name in names {
            let table = try? catalog.servingTable(name)
            let keyed = SharedCatalog(catalog).keyedTable(name)
            #expect((keyed != nil) == (table != nil))
            guard let table, let keyed else { continue }
            let keys: [Item] = [
                ["p": .string("a"), "c": .number(DecimalNumber(7))], ["p": .string("a")],
                ["p": .string("")], ["p": .string("a"), "x": .null], [:],
                ["p": .null, "c": .number(DecimalNumber(7))],
                ["p": .string(Text(String(repeating: "x", count: 3_000)))],
                ["p": .string(Text(String(repeating: "\u{0}", count: 200))), "c": .null],
            ]
            for key in keys {
                let long = result { () throws(ServiceError) in try table.row(table.key(named: key))
                }
                #expect(result { () throws(ServiceError) in try keyed.row(named: key) } == long)
            }
        }
    }

    private func result(
        _ row: () throws(ServiceError) -> [UInt8]
    ) -> Result<[UInt8], ServiceError> {
        Result { () throws(ServiceError) in try row() }
    }

    @Test func `tables come and go the short way as the long one`() throws {
        let region = try OperationFixture(partition: .string, sort: .number)
        let names = ["t", "u", "v", "arn:aws:dynamodb:us-east-1:000000000000:table/t"]
        try expectAgreement(region, Array(names.prefix(3)))
        try region.create("u")
        try expectAgreement(region, Array(names.prefix(3)))
        #expect(SharedCatalog(region.engine.catalog).keyedTable(names[3]) == nil)
        let first = SharedCatalog(region.engine.catalog).keyedTable("u")?.number
        _ = try region.write { try DeleteTableRequest(tableName: "u").perform(in: &$0) }
        #expect(SharedCatalog(region.engine.catalog).keyedTable("u") == nil)
        try expectAgreement(region, Array(names.prefix(3)))
        try region.create("u", partition: .number)
        #expect(SharedCatalog(region.engine.catalog).keyedTable("u")?.number != first)
        try expectAgreement(region, Array(names.prefix(3)))
        let again = try OperationFixture(restarting: region)
        try expectAgreement(again, Array(names.prefix(3)))
    }
}
