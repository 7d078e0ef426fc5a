import Changes
import Expressions
import Items
import Testing
import Wire

@testable import Engine

struct ExecuteStatementTests {
    /// A region with the table `tbl`: statements ask for names of three letters.
    private static func region(
        sort: TableSchema.KeyType? = .number
    ) throws -> OperationFixture {
        let region = try OperationFixture()
        try region.create("tbl", partition: .string, sort: sort)
        return region
    }

    // MARK: Plans

    private func plan(_ condition: String, _ order: String = "") throws -> SelectPlan {
        let statement = try PartiQLStatement(
            parsing: "SELECT * FROM tbl WHERE \(condition) \(order)"
        )
        guard case .select(let select) = statement else { throw ServiceError.duplicateItem() }
        return try SelectPlan(
            select.condition,
            order: select.order,
            schema: TableSchema(
                partition: TableSchema.KeyAttribute(name: "p", type: .string),
                sort: TableSchema.KeyAttribute(name: "c", type: .number),
            ),
        )
    }

    @Test(arguments: [
        ("p = 'a'", 1), ("p IN ['a', 'b', 'c']", 3), ("p = 'a' OR p = 'b'", 2),
        ("p = 'a' AND c IN [1, 2]", 2), ("p IN ['a', 'b'] AND c IN [1, 2]", 4),
        ("p = 'a' AND (c < 1 OR c > 5)", 2), ("p = 'a' AND (x = 1 OR y = 2)", 1),
        ("p = 'a' AND NOT c = 1 OR p = 'a' AND c = 1", 1),
        ("p = 'a' AND c BETWEEN 5 AND 6 AND c > 1", 1),
    ])
    func `a key condition is a query for each of its ranges`(
        pair: (condition: String, count: Int)
    ) throws {
        let plan = try plan(pair.condition)
        #expect(plan.isKeyed)
        #expect(plan.parts.count == pair.count)
    }

    @Test(arguments: [
        "c = 1", "p > 'a'", "p = 'a' OR c = 1", "NOT p = 'a'", "p <> 'a'", "p = 'a' AND p = 'b'",
        "p = x", "p IN ['a', x]", "x = 'a' AND (p = 'a' OR x = 'b')", "size(p) = 1",
    ])
    func `any other condition is a scan`(condition: String) throws {
        let plan = try plan(condition)
        #expect(!plan.isKeyed)
        #expect(plan.parts.count == 1)
        #expect(plan.parts[0].range == .all)
        #expect(plan.parts[0].filter != nil)
    }

    @Test func `a condition on keys alone leaves nothing to filter`() throws {
        #expect(try plan("p = 'a' AND c > 1").parts[0].filter == nil)
        #expect(try plan("p = 'a' AND c = 1").onlyKey != nil)
        #expect(try plan("p = 'a' AND c = 1 AND c = 1").onlyKey != nil)
        #expect(try plan("p = 'a' AND c = 1 AND x = 1").onlyKey == nil)
        #expect(try plan("p = 'a'").onlyKey == nil)
    }

    @Test func `ranges of one partition may touch`() throws {
        #expect(try plan("p = 'a' AND (c < 1 OR c >= 1)").parts.count == 2)
        expectInvalid(ServiceError.whereOverlaps.message) {
            _ = try plan("p = 'a' AND (c <= 1 OR c >= 1)")
        }
    }

    // MARK: Against a walk through everything

    /// Random conditions, asked of the table in pages and of each of its items.
    @Test(arguments: 0..<12)
    func `a SELECT finds what its condition holds of`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let region = try Self.region()
        var items: [Item] = []
        for p in ["a", "b", "c"] {
            for c in 0..<6 {
                let item: Item = [
                    "p": text(p), "c": number(c), "x": number(Int(random.next() % 3)),
                ]
                try region.put(item, in: "tbl")
                items.append(item)
            }
        }
        for _ in 0..<150 {
            let condition = RandomWhere.condition(&random, depth: 3)
            let limit = random.next() % 2 == 0 ? nil : Int(random.next() % 4) + 1
            guard let found = try select(condition, limit, from: region) else { continue }
            let statement = try PartiQLStatement(parsing: "SELECT * FROM tbl WHERE \(condition)")
            guard case .select(let select) = statement, let tree = select.condition else {
                Issue.record("no condition: \(condition)")
                continue
            }
            let expected = items.filter { tree.isTrue(of: $0) }
            #expect(sorted(found) == sorted(expected), "\(condition)")
        }
    }

    private func sorted(_ items: [Item]) -> [[UInt8]] {
        items.map { $0.encoded() }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// All pages; nil if the statement is refused.
    private func select(
        _ condition: String,
        _ limit: Int?,
        from region: OperationFixture,
    ) throws -> [Item]? {
        var items: [Item] = []
        var token: String?
        repeat {
            let request = ExecuteStatementRequest(
                statement: StatementRequest(text: "SELECT * FROM tbl WHERE \(condition)"),
                nextToken: token,
                limit: limit,
            )
            guard case .read(let read)? = try? PreparedExecuteStatement(request) else { return nil }
            do {
                let response = try region.read { try read.perform(in: $0) }
                items += try response.items.map { try $0.read() }
                token = response.nextToken
                #expect((token == nil) == (response.lastEvaluatedKey == nil))
            } catch is ServiceError {
                return nil
            }
        } while token != nil
        return items
    }

    // MARK: Writes

    private func write(_ text: String, in region: OperationFixture) throws {
        let request = ExecuteStatementRequest(statement: StatementRequest(text: text))
        guard case .write(let write) = try PreparedExecuteStatement(request) else {
            Issue.record("no write: \(text)")
            return
        }
        _ = try region.write { try write.perform(in: &$0) }
    }

    @Test func `a delete leaves a tombstone only if it was judged`() throws {
        let region = try Self.region(sort: nil)
        let key: Item = ["p": text("a")]
        try write("DELETE FROM tbl WHERE p = 'a' AND x = 1", in: region)
        #expect(try region.version(at: key, in: "tbl") == nil)
        try write("DELETE FROM tbl WHERE p = 'a'", in: region)
        #expect(try region.version(at: key, in: "tbl")?.image == .some(nil))
    }

    @Test func `in a transaction a delete of nothing writes nothing`() throws {
        let region = try Self.region(sort: nil)
        let request = ExecuteTransactionRequest(statements: [
            StatementRequest(text: "DELETE FROM tbl WHERE p = 'a' AND x = 1"),
            StatementRequest(text: "INSERT INTO tbl VALUE {'p': 'b'}"),
        ])
        guard case .writes(let writes) = try PreparedExecuteTransaction(request) else {
            Issue.record("no writes")
            return
        }
        let before = try region.history().count
        _ = try region.write { try writes.perform(in: &$0) }
        #expect(try region.version(at: ["p": text("a")], in: "tbl") == nil)
        #expect(try region.get(["p": text("b")], from: "tbl") != nil)
        #expect(try region.history().count == before + 1)
    }

    @Test func `a token is answered also when its table has gone`() throws {
        let region = try Self.region(sort: nil)
        let request = ExecuteTransactionRequest(
            statements: [StatementRequest(text: "INSERT INTO tbl VALUE {'p': 'b'}")],
            clientRequestToken: "once",
        )
        guard case .writes(let writes) = try PreparedExecuteTransaction(request) else {
            Issue.record("no writes")
            return
        }
        _ = try region.write { try writes.perform(in: &$0) }
        _ = try region.write { try DeleteTableRequest(tableName: "tbl").perform(in: &$0) }
        _ = try region.write { try writes.perform(in: &$0) }
    }

    // MARK: Tokens

    @Test(arguments: 0..<8)
    func `no next token traps`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let region = try Self.region()
        for c in 0..<3 { try region.put(["p": text("a"), "c": number(c)], in: "tbl") }
        let statement = StatementRequest(text: "SELECT * FROM tbl WHERE p IN ['a', 'b']")
        let position = StatementPosition(fingerprint: statement.fingerprint, part: 0, key: [1, 2])
        var bytes = Array(position.text.utf8)
        for _ in 0..<200 {
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 128)
            let token = String(decoding: bytes, as: UTF8.self)
            let request = ExecuteStatementRequest(statement: statement, nextToken: token)
            guard case .read(let read) = try PreparedExecuteStatement(request) else { continue }
            #expect(throws: ServiceError.self) {
                try region.read { try read.perform(in: $0) }
            }
        }
    }

    @Test func `a position survives its text`() throws {
        let fingerprint = StatementRequest(text: "SELECT").fingerprint
        let position = StatementPosition(fingerprint: fingerprint, part: 49, key: [0, 255, 7])
        #expect(try StatementPosition(text: position.text) == position)
    }
}

/// Conditions on `p` (a, b, c), `c` (0…5) and `x` (0…2) in random combinations.
private enum RandomWhere {
    static func condition(_ random: inout SplitMix64, depth: Int) -> String {
        let choice = depth == 0 ? 9 : random.next() % 12
        switch choice {
        case 0...2:
            return "(\(condition(&random, depth: depth - 1)) AND "
                + "\(condition(&random, depth: depth - 1)))"
        case 3...5:
            return "(\(condition(&random, depth: depth - 1)) OR "
                + "\(condition(&random, depth: depth - 1)))"
        case 6:
            return "NOT (\(condition(&random, depth: depth - 1)))"
        default:
            return leaf(&random)
        }
    }

    private static func leaf(_ random: inout SplitMix64) -> String {
        let p = ["'a'", "'b'", "'c'"][Int(random.next() % 3)]
        let low = random.next() % 6
        let high = low + random.next() % 3
        let operation = ["=", "<", "<=", ">", ">=", "<>"][Int(random.next() % 6)]
        switch random.next() % 7 {
        case 0, 1: return "p = \(p)"
        case 2: return "p IN [\(p), 'z']"
        case 3: return "c \(operation) \(low)"
        case 4: return "c BETWEEN \(low) AND \(high)"
        case 5: return "c IN [\(low), \(low + 1)]"
        default: return "x \(operation) \(random.next() % 3)"
        }
    }
}
