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
        // The one that is asked for last is the first that is asked for the next time.
        for name in names + names.reversed() {
            let table = try? engine.catalog.writableTable(name)
            let isPlain = table.map { engine.writesPlainly && hasCountsAlone($0) } ?? false
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

    private func hasCountsAlone(_ table: Table) -> Bool {
        table.id != .system && table.indexes.isEmpty && table.state.expiry == nil
    }

    private func expectSameKeysAndChecks(_ plain: PlainTable, _ table: Table) throws {
        let items: [Item] = [
            ["p": .string("a"), "c": .number(DecimalNumber(7))], ["p": .string("a")],
            ["p": .string("")], ["p": .string("a"), "x": .null], [:],
            ["p": .null, "c": .number(DecimalNumber(7))], ["p": .number(DecimalNumber(7))],
        ]
        try expectSame(items) { item throws(ServiceError) in
            try key { row throws(ServiceError) in try plain.appendKey(ofItem: item, to: &row) }
        } as: { item throws(ServiceError) in
            try table.key(ofItem: item)
        }
        try expectSame(items) { item throws(ServiceError) in
            try key { row throws(ServiceError) in try plain.appendKey(named: item, to: &row) }
        } as: { item throws(ServiceError) in
            try table.key(named: item)
        }
        let conditions = try ["a = b", "p = c", "p.x = a", "a = c[1]", "size(p.x) > b"].map {
            text in
            var none = try Placeholders()
            return try ConditionExpression(parsing: text, placeholders: &none)
        }
        try expectSame(conditions) { condition throws(ServiceError) in
            try plain.check(condition: condition)
            return true
        } as: { condition throws(ServiceError) in
            try table.check(condition: condition)
            return true
        }
        let updates = try ["SET a = b", "SET p = b", "REMOVE a, x", "SET a.p = b", "REMOVE p.x"].map
        {
            var none = try Placeholders()
            return try UpdateExpression(parsing: $0, placeholders: &none)
        }
        try expectSame(updates) { update throws(ServiceError) in
            try plain.check(update)
            return true
        } as: { update throws(ServiceError) in
            try table.check(update)
            return true
        }
    }

    /// What is appended behind what is there.
    private func key(
        _ append: (inout ByteWriter) throws(ServiceError) -> Void
    ) throws(ServiceError) -> [UInt8] {
        var row = ByteWriter()
        row.uint32(7)
        try append(&row)
        return Array(row.bytes.dropFirst(4))
    }

    /// Both say the same of each, of one that it is right and of one that it is not.
    private func expectSame<Value, Answer: Equatable>(
        _ values: [Value],
        _ short: (Value) throws(ServiceError) -> Answer,
        as long: (Value) throws(ServiceError) -> Answer,
    ) throws {
        var passed = 0
        for value in values {
            let expected = Result { () throws(ServiceError) in try long(value) }
            #expect(Result { () throws(ServiceError) in try short(value) } == expected)
            if case .success = expected { passed += 1 }
        }
        try #require(passed > 0 && passed < values.count)
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
