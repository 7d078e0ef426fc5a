import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

struct TransactWriteItemsTests {
    private let region: OperationFixture
    private let a: Item = ["p": text("a")]
    private let b: Item = ["p": text("b")]
    private let c: Item = ["p": text("c")]

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    private func put(_ item: Item, _ condition: String? = nil) -> TransactWrite {
        TransactWrite(tableName: "t", kind: .put(item: item), condition: condition)
    }

    private func update(
        _ key: Item,
        _ expression: String,
        _ value: AttributeValue? = nil,
    ) -> TransactWrite {
        TransactWrite(
            tableName: "t",
            kind: .update(key: key, expression: expression),
            values: value.map { [(":v", $0)] },
        )
    }

    private func delete(_ key: Item) -> TransactWrite {
        TransactWrite(tableName: "t", kind: .delete(key: key))
    }

    private func check(_ key: Item, _ condition: String) -> TransactWrite {
        TransactWrite(tableName: "t", kind: .conditionCheck(key: key), condition: condition)
    }

    @discardableResult
    private func transact(
        _ actions: TransactWrite...,
        token: String? = nil,
        capacity: ReturnConsumedCapacity = .none,
    ) throws -> TransactWriteItemsResponse {
        try region.transact(
            TransactWriteItemsRequest(
                actions: actions,
                clientRequestToken: token,
                returnConsumedCapacity: capacity,
            )
        )
    }

    /// Runs the actions, which must be cancelled; the reasons' codes and messages.
    private func reasons(
        _ actions: TransactWrite...,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) -> [String] {
        let error = #expect(throws: ServiceError.self, sourceLocation: sourceLocation) {
            try region.transact(TransactWriteItemsRequest(actions: actions))
        }
        #expect(error?.code == "TransactionCanceledException", sourceLocation: sourceLocation)
        return (error?.cancellationReasons ?? []).map {
            [$0.code, $0.message].compactMap(\.self).joined(separator: ": ")
        }
    }

    // MARK: All of it

    @Test func `all four actions take effect, at one time`() throws {
        try region.put(["p": text("b"), "n": number(1)])
        try region.put(["p": text("c")])
        try region.put(["p": text("d")])
        try transact(
            put(["p": text("a"), "n": number(7)]),
            update(b, "SET n = n + :v", number(1)),
            delete(c),
            check(["p": text("d")], "attribute_exists(p)"),
        )
        #expect(try region.get(a) == ["p": text("a"), "n": number(7)])
        #expect(try region.get(b) == ["p": text("b"), "n": number(2)])
        #expect(try region.get(c) == nil)
        let times = try [a, b, c].map { try region.version(at: $0)?.stamp.time }
        #expect(Set(times).count == 1)
        #expect(try region.version(at: ["p": text("d")])?.stamp.time != times[0])
    }

    @Test(arguments: [1, 600, 2_000, 1 << 20])
    func `a transaction's changes are never parted in a feed`(bytesMax: Int) throws {
        try region.create("u", replicas: ["us-east-1", "eu-west-1"])
        for index in 0..<6 {
            let actions = (0..<5).map { number in
                let item: Item = ["p": text("\(index)-\(number)"), "x": filler(100)]
                return TransactWrite(tableName: "u", kind: .put(item: item))
            }
            try region.transact(TransactWriteItemsRequest(actions: actions))
        }
        let batches = try region.batches(of: "u", to: "eu-west-1", bytesMax: bytesMax)
        #expect(batches.count == (bytesMax == 1 ? 6 : bytesMax > 100_000 ? 1 : batches.count))
        #expect(batches.flatMap(\.self).map(\.ordinal) == (0..<6).flatMap { _ in 0..<5 })
        for batch in batches {
            let times = Dictionary(grouping: batch) { $0.version.stamp.time }
            #expect(times.values.allSatisfy { $0.count == 5 })
        }
    }

    @Test func `tables and keys may mix`() throws {
        try region.create("u")
        try transact(put(a), TransactWrite(tableName: "u", kind: .put(item: a)))
        #expect(try region.get(a, from: "u") == a)
    }

    @Test func `an update that only removes makes no item`() throws {
        try transact(update(a, "REMOVE x"), put(b))
        #expect(try region.version(at: a) == nil)
        #expect(try region.get(b) == b)
    }

    // MARK: Nothing of it

    @Test func `one failed condition and nothing is written`() throws {
        try region.put(["p": text("b"), "n": number(1)])
        let before = try region.history().count
        #expect(
            reasons(put(a), put(b, "attribute_not_exists(p)"), delete(c))
                == ["None", "ConditionalCheckFailed: The conditional request failed", "None"]
        )
        #expect(try region.get(a) == nil)
        #expect(try region.get(b) == ["p": text("b"), "n": number(1)])
        #expect(try region.version(at: c) == nil)
        #expect(try region.history().count == before)
    }

    @Test func `every action has its own reason, in order`() throws {
        try region.put(["p": text("b"), "s": text("x"), "f": filler(1000)])
        #expect(
            reasons(
                check(a, "attribute_exists(p)"),
                update(b, "SET s = s + :v", number(1)),
                update(c, "SET n = n + :v", number(1)),
                put(["p": text("d")]),
            ) == [
                "ConditionalCheckFailed: The conditional request failed",
                "ValidationError: An operand in the update expression has an incorrect data type",
                "ValidationError: The provided expression refers to an attribute that does not "
                    + "exist in the item",
                "None",
            ]
        )
        let grown = update(b, "SET g = :v", filler(ItemLimits.itemBytesMax - 500))
        #expect(
            reasons(grown)
                == ["ValidationError: Item size to update has exceeded the maximum allowed size"]
        )
    }

    @Test func `the item that failed a condition is told to who asked`() throws {
        let item: Item = ["p": text("a"), "n": number(1)]
        try region.put(item)
        try region.put(b)
        var asking = check(a, "attribute_not_exists(p)")
        asking.returnValuesOnConditionCheckFailure = .allOld
        var missing = check(c, "attribute_exists(p)")
        missing.returnValuesOnConditionCheckFailure = .allOld
        let error = #expect(throws: ServiceError.self) {
            try transact(asking, check(b, "attribute_not_exists(p)"), missing)
        }
        #expect(error?.cancellationReasons.map(\.item) == [item, nil, nil])
    }

    @Test func `the first key that does not fit cancels, before any condition is judged`() {
        let invalid = "ValidationError: One or more parameter values were invalid: "
        let misfits = [
            (put(["x": number(1)]), invalid + "Missing the key p in the item"),
            (put(["p": number(1)]), invalid + "Type mismatch for key p expected: S actual: N"),
            (
                delete(["q": text("a")]),
                "ValidationError: The provided key element does not match the schema"
            ),
            (
                update(b, "SET p = :v", text("c")),
                invalid + "Cannot update attribute p. This attribute is part of the key"
            ),
        ]
        for (action, reason) in misfits {
            #expect(
                reasons(check(a, "attribute_exists(p)"), action, put(["p": number(2)]))
                    == ["None", reason, "None"]
            )
        }
    }

    @Test func `an empty key is refused before there is a transaction`() {
        let empty: Item = ["p": text("")]
        for action in [put(empty), delete(empty), check(empty, "attribute_exists(p)")] {
            #expect(throws: KeyValidation.itemError(.empty(name: "p", type: .string))) {
                try transact(put(["q": text("a")]), action)
            }
        }
    }

    @Test func `two actions on one item are refused`() throws {
        expectInvalid("Transaction request cannot include multiple operations on one item") {
            try transact(put(a), check(a, "attribute_exists(p)"))
        }
        #expect(try region.get(a) == nil)
    }

    @Test func `a table that is not there refuses the transaction`() {
        #expect(throws: ServiceError.tableNotFound) {
            try transact(put(a), TransactWrite(tableName: "none", kind: .delete(key: a)))
        }
    }

    @Test func `expressions are parsed before anything else`() {
        #expect(throws: ServiceError.self) { try transact(check(a, "p = ")) }
        expectInvalid("Item size has exceeded the maximum allowed size") {
            try transact(put(["p": text("a"), "x": filler(ItemLimits.itemBytesMax)]))
        }
    }

    @Test func `what a transaction says has a bound, not what it changes`() throws {
        let actions = (0..<11).map {
            put(["p": text("\($0)"), "x": filler(ItemLimits.itemBytesMax - 100)])
        }
        #expect(throws: ServiceError.transactionPayloadTooLarge) {
            try region.transact(TransactWriteItemsRequest(actions: actions))
        }
        let half = filler(ItemLimits.itemBytesMax / 2)
        let checks = (0..<21).map {
            TransactWrite(
                tableName: "t",
                kind: .conditionCheck(key: ["p": text("\($0)")]),
                condition: "x <> :v",
                values: [(":v", half)],
            )
        }
        #expect(throws: ServiceError.transactionPayloadTooLarge) {
            try region.transact(TransactWriteItemsRequest(actions: checks))
        }
        try region.transact(TransactWriteItemsRequest(actions: Array(actions.dropLast())))
        try region.put(["p": text("10"), "x": filler(ItemLimits.itemBytesMax - 100)])
        let deletes = (0..<11).map { delete(["p": text("\($0)")]) }
        try region.transact(TransactWriteItemsRequest(actions: deletes))
        #expect(try region.get(["p": text("10")]) == nil)
    }

    // MARK: Capacity

    @Test func `a write costs double, a check costs as a write`() throws {
        try region.put(["p": text("b"), "x": filler(3000)])
        try region.create("u")
        let response = try transact(
            put(["p": text("a"), "x": filler(1500)]),
            check(b, "attribute_exists(p)"),
            TransactWrite(tableName: "u", kind: .delete(key: a)),
            delete(c),
            capacity: .total,
        )
        #expect(response.consumedCapacity.map(\.tableName) == ["t", "u"])
        #expect(response.consumedCapacity.map(\.total.halves) == [2 * (4 + 6 + 2), 2 * 2])
        #expect(response.consumedCapacity.map(\.kind) == [.write, .write])
    }

    // MARK: Tokens

    @Test func `a token takes effect once`() throws {
        let add = update(a, "ADD n :v", number(1))
        let first = try transact(add, put(b), token: "t", capacity: .total)
        #expect(first.consumedCapacity.map(\.kind) == [.write])
        let before = try region.history().count
        let again = try transact(add, put(b), token: "t", capacity: .total)
        #expect(again.consumedCapacity.map(\.kind) == [.read])
        #expect(again.consumedCapacity.map(\.total.halves) == [8])
        #expect(try region.get(a) == ["p": text("a"), "n": number(1)])
        #expect(try region.history().count == before)
        try transact(add, put(b), token: "other")
        #expect(try region.get(a) == ["p": text("a"), "n": number(2)])
    }

    @Test func `a repeated token costs what reading the larger images does`() throws {
        let large = filler(9000)
        for name in ["a", "b", "c"] { try region.put(["p": text(name), "x": large]) }
        try region.create("u")
        let actions = [
            put(a),
            delete(b),
            check(c, "attribute_exists(p)"),
            put(["p": text("d"), "x": large]),
            TransactWrite(tableName: "u", kind: .delete(key: a)),
        ]
        let request = TransactWriteItemsRequest(
            actions: actions,
            clientRequestToken: "t",
            returnConsumedCapacity: .total,
        )
        let first = try region.transact(request)
        #expect(first.consumedCapacity.map(\.total.halves) == [2 * 4 * 18, 2 * 2])
        try region.put(["p": text("c")])
        _ = try region.write { try DeleteTableRequest(tableName: "u").perform(in: &$0) }
        let restarted = try OperationFixture(restarting: region)
        let again = try restarted.transact(request)
        #expect(again.consumedCapacity.map(\.tableName) == ["t", "u"])
        #expect(again.consumedCapacity.map(\.kind) == [.read, .read])
        #expect(again.consumedCapacity.map(\.total.halves) == [2 * 4 * 6, 2 * 2])
    }

    @Test func `a token is for one request, however its names are ordered`() throws {
        var action = update(a, "SET #x = :v, #y = :w")
        action.names = [("#x", "x"), ("#y", "y")]
        action.values = [(":v", number(1)), (":w", number(2))]
        try transact(action, token: "t")
        action.names?.reverse()
        action.values?.reverse()
        try transact(action, token: "t")
        action.values = [(":v", number(1)), (":w", number(3))]
        #expect(throws: ServiceError.idempotentParameterMismatch) {
            try transact(action, token: "t")
        }
        #expect(throws: ServiceError.idempotentParameterMismatch) {
            try transact(put(a), put(b), token: "t")
        }
    }

    @Test func `a request that failed leaves no token`() throws {
        #expect(throws: ServiceError.self) {
            try transact(put(a, "attribute_exists(p)"), token: "t")
        }
        try region.put(["p": text("a"), "n": number(1)])
        try transact(put(a, "attribute_exists(p)"), token: "t")
        #expect(try region.get(a) == a)
    }

    @Test func `a token survives a restart`() throws {
        let add = update(a, "ADD n :v", number(1))
        try transact(add, token: "t")
        let restarted = try OperationFixture(restarting: region)
        let request = TransactWriteItemsRequest(actions: [add], clientRequestToken: "t")
        try restarted.transact(request)
        #expect(try restarted.get(a) == ["p": text("a"), "n": number(1)])
    }

    @Test func `a token counts for ten minutes and is then forgotten`() throws {
        let add = update(a, "ADD n :v", number(1))
        try transact(add, token: "t")
        region.wait(milliseconds: 590_000)
        try region.doChores()
        try transact(add, token: "t")
        #expect(try region.get(a) == ["p": text("a"), "n": number(1)])
        region.wait(milliseconds: 11_000)
        try transact(add, token: "t")
        #expect(try region.get(a) == ["p": text("a"), "n": number(2)])
        region.wait(milliseconds: 590_000)
        try region.doChores()
        try transact(add, token: "t")
        #expect(try region.get(a) == ["p": text("a"), "n": number(2)])
        region.wait(milliseconds: 1_200_000)
        try region.doChores()
        var tokens = 0
        try region.store.read {
            try $0.range(.tokens, from: [], to: nil, reversed: false) { _, _ in
                tokens += 1
                return true
            }
        }
        #expect(tokens == 0)
    }
}
