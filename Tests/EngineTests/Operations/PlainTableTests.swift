import Changes
import Expressions
import Items
import Testing
import Wire

@testable import Engine

/// What a plain write takes of its table, beside the whole table.
struct PlainTableTests {
    /// It is there for just the tables that may be written to plainly, and says what the table does.
    private func expectAgreement(_ region: OperationFixture, _ names: [String]) throws {
        let engine = region.engine
        for name in names {
            let table = try? engine.catalog.writableTable(name)
            let isPlain = table.map { engine.writesPlainly && PlainTarget.isPlain($0) } ?? false
            let plain = engine.plainTable(name)
            #expect((plain != nil) == isPlain)
            guard let table, let plain else { continue }
            #expect(plain.target.id == table.id)
            #expect(plain.target.number == table.number)
            #expect(plain.target.members == table.description.members)
            #expect(plain.target.base == table.state.base)
            #expect(plain.target.stream == table.state.stream?.openNumber)
            #expect(engine.stableTime(of: plain.target) == engine.stableTime(of: table))
            try expectSameKeysAndChecks(plain, table)
        }
    }

    private func expectSameKeysAndChecks(_ plain: PlainTable, _ table: Table) throws {
        let items: [Item] = [
            ["p": .string("a"), "c": .number(DecimalNumber(7))], ["p": .string("a")],
            ["p": .string("")], ["p": .string("a"), "x": .null], [:],
            ["p": .null, "c": .number(DecimalNumber(7))],
        ]
        for item in items {
            #expect(
                result { () throws(ServiceError) in try plain.key(ofItem: item) }
                    == result { () throws(ServiceError) in try table.key(ofItem: item) }
            )
            #expect(
                result { () throws(ServiceError) in try plain.key(named: item) }
                    == result { () throws(ServiceError) in try table.key(named: item) }
            )
        }
        for text in ["a = b", "p = c", "p.x = a", "a = c[1]", "size(p.x) > b"] {
            var none = try Placeholders()
            let condition = try ConditionExpression(parsing: text, placeholders: &none)
            #expect(
                result { () throws(ServiceError) in try plain.check(condition: condition) }
                    == result { () throws(ServiceError) in try table.check(condition: condition) }
            )
        }
        for text in ["SET a = b", "SET p = b", "REMOVE a, c", "SET a.p = b", "REMOVE p.x"] {
            var none = try Placeholders()
            let update = try UpdateExpression(parsing: text, placeholders: &none)
            #expect(
                result { () throws(ServiceError) in try plain.check(update) }
                    == result { () throws(ServiceError) in try table.check(update) }
            )
        }
    }

    private func result<Success: Equatable>(
        _ body: () throws(ServiceError) -> Success
    ) -> Result<Success, ServiceError> {
        Result { () throws(ServiceError) in try body() }
    }

    private func result(_ body: () throws(ServiceError) -> Void) -> Result<Bool, ServiceError> {
        Result { () throws(ServiceError) in
            try body()
            return true
        }
    }

    @Test func `tables come, go and change the short way as the long one`() throws {
        let region = try OperationFixture(partition: .string, sort: .number)
        let names = ["t", "u", "v", "arn:aws:dynamodb:us-east-1:000000000000:table/t"]
        try expectAgreement(region, Array(names.prefix(3)))
        #expect(region.engine.plainTable("t") != nil)
        #expect(region.engine.plainTable(names[3]) == nil)
        try region.create("u")
        try expectAgreement(region, Array(names.prefix(3)))
        let first = region.engine.plainTable("u")?.target.number
        _ = try region.write {
            try UpdateTableRequest(
                tableName: "u",
                streamSpecification: StreamSpecification(isEnabled: true, viewType: .keysOnly),
            ).perform(in: &$0)
        }
        #expect(region.engine.plainTable("u")?.target.stream != nil)
        try expectAgreement(region, Array(names.prefix(3)))
        _ = try region.write {
            try UpdateTimeToLiveRequest(
                tableName: "u",
                specification: TimeToLiveSpecification(isEnabled: true, attributeName: "e"),
            ).perform(in: &$0)
        }
        #expect(region.engine.plainTable("u") == nil)
        try expectAgreement(region, Array(names.prefix(3)))
        _ = try region.write { try DeleteTableRequest(tableName: "u").perform(in: &$0) }
        #expect(region.engine.plainTable("u") == nil)
        try region.create("u", partition: .number)
        #expect(region.engine.plainTable("u")?.target.number != first)
        try expectAgreement(region, Array(names.prefix(3)))
        let again = try OperationFixture(restarting: region)
        #expect(again.engine.plainTable("t") != nil)
        try expectAgreement(again, Array(names.prefix(3)))
    }
}
