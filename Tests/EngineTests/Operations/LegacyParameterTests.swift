import Expressions
import Items
import Testing
import Wire

@testable import Engine

/// Requests without expressions do what expressions would.
struct LegacyParameterTests {
    private let region: OperationFixture
    private let key: Item = ["p": text("a")]

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    private func update(
        _ attribute: Text,
        _ action: AttributeUpdate.Action,
        returning: ReturnValues = .none,
    ) -> UpdateItemRequest {
        UpdateItemRequest(
            tableName: "t",
            key: key,
            attributeUpdates: [AttributeUpdate(attribute, action)],
            returnValues: returning,
        )
    }

    // MARK: Conditions

    private static let one: AttributeValue = .number(DecimalNumber(1))
    private static let two: AttributeValue = .number(DecimalNumber(2))

    @Test(arguments: [
        (LegacyCondition("n", .equal, [one]), true),
        (LegacyCondition("n", .equal, [two]), false),
        (LegacyCondition("n", .equal, [.string("1")]), false),
        (LegacyCondition("none", .equal, [one]), false),
        (LegacyCondition("n", .notEqual, [two]), true),
        (LegacyCondition("n", .notEqual, [.string("1")]), true),
        (LegacyCondition("none", .notEqual, [one]), true),
        (LegacyCondition("n", .less, [two]), true), (LegacyCondition("n", .less, [one]), false),
        (LegacyCondition("n", .lessOrEqual, [one]), true),
        (LegacyCondition("n", .greater, [one]), false),
        (LegacyCondition("n", .greaterOrEqual, [one]), true),
        (LegacyCondition("n", .greater, [.string("0")]), false),
        (LegacyCondition("n", .between, [one, two]), true),
        (LegacyCondition("none", .between, [one, two]), false),
        (LegacyCondition("n", .isIn, [two, one]), true),
        (LegacyCondition("n", .isIn, [two]), false),
        (LegacyCondition("n", .null), false), (LegacyCondition("none", .null), true),
        (LegacyCondition("n", .notNull), true), (LegacyCondition("nil", .notNull), true),
        (LegacyCondition("s", .contains, [.string("ell")]), true),
        (LegacyCondition("ss", .contains, [.string("x")]), true),
        (LegacyCondition("s", .notContains, [.string("ell")]), false),
        (LegacyCondition("s", .notContains, [one]), true),
        (LegacyCondition("none", .contains, [one]), false),
        (LegacyCondition("none", .notContains, [one]), false),
        (LegacyCondition("s", .beginsWith, [.string("he")]), true),
        (LegacyCondition("n", .beginsWith, [.string("he")]), false),
    ])
    func `an operator holds of certain values`(condition: LegacyCondition, holds: Bool) throws {
        let item: Item = [
            "p": text("a"), "n": Self.one, "s": text("hello"), "nil": .null,
            "ss": .stringSet(["x"]),
        ]
        try region.put(item)
        let conditional = PutItemRequest(
            tableName: "t",
            item: item,
            expected: LegacyConditions([condition]),
        )
        if holds {
            try region.put(conditional)
        } else {
            #expect(throws: ServiceError.conditionFailed(itemBytes: item.sizeBytes)) {
                try region.put(conditional)
            }
        }
    }

    @Test func `conditions are joined as asked`() throws {
        let item: Item = ["p": text("a"), "x": number(1)]
        try region.put(item)
        let conditions = [LegacyCondition("x", .null), LegacyCondition("y", .null)]
        func delete(_ joinedBy: ConditionalOperator) throws {
            let expected = LegacyConditions(conditions, joinedBy: joinedBy)
            try region.delete(DeleteItemRequest(tableName: "t", key: key, expected: expected))
        }
        #expect(throws: ServiceError.conditionFailed(itemBytes: item.sizeBytes)) {
            try delete(.and)
        }
        try delete(.or)
        #expect(try region.get(key) == nil)
    }

    @Test(
        arguments: [
            (LegacyCondition("a", .equal, [one]), "a = :v"),
            (LegacyCondition("a", .notEqual, [one]), "a <> :v"),
            (LegacyCondition("a", .less, [one]), "a < :v"),
            (LegacyCondition("a", .lessOrEqual, [one]), "a <= :v"),
            (LegacyCondition("a", .greater, [one]), "a > :v"),
            (LegacyCondition("a", .greaterOrEqual, [one]), "a >= :v"),
            (LegacyCondition("a", .between, [one, two]), "a BETWEEN :v AND :w"),
            (LegacyCondition("a", .isIn, [one, two]), "a IN (:v, :w)"),
            (LegacyCondition("a", .null), "attribute_not_exists(a)"),
            (LegacyCondition("a", .notNull), "attribute_exists(a)"),
            (LegacyCondition("a", .contains, [one]), "contains(a, :v)"),
            (
                LegacyCondition("a", .notContains, [one]),
                "attribute_exists(a) AND NOT contains(a, :v)"
            ),
            (LegacyCondition("a", .beginsWith, [.string("x")]), "begins_with(a, :s)"),
        ]
    )
    func `a condition is the tree of an expression`(
        condition: LegacyCondition,
        text: String,
    ) throws {
        var placeholders = try Placeholders(
            values: [(":v", Self.one), (":w", Self.two), (":s", .string("x"))]
        )
        let expression = try ConditionExpression(parsing: text, placeholders: &placeholders)
        #expect(ConditionExpression(LegacyConditions([condition])) == expression)
    }

    // MARK: Updates

    @Test(
        arguments: [
            (.put(.string("x")), nil, .string("x")), (.put(.string("x")), one, .string("x")),
            (.add(two), nil, two), (.add(one), one, two),
            (.add(.stringSet(["a"])), .stringSet(["b"]), .stringSet(["a", "b"])),
            (.add(.list([one])), nil, .list([one])),
            (.add(.list([one])), .list([two]), .list([two, one])),
            (.remove, one, nil),
            (.delete(.stringSet(["a"])), .stringSet(["a", "b"]), .stringSet(["b"])),
            (.delete(.stringSet(["a"])), .stringSet(["a"]), nil),
            (.delete(.stringSet(["a"])), nil, nil),
        ] as [(AttributeUpdate.Action, AttributeValue?, AttributeValue?)]
    )
    func `an update changes one attribute`(
        action: AttributeUpdate.Action,
        before: AttributeValue?,
        after: AttributeValue?,
    ) throws {
        var item: Item = ["p": text("a"), "y": number(7)]
        item["x"] = before
        try region.put(item)
        let response = try region.update(update("x", action, returning: .updatedNew))
        item["x"] = after
        #expect(try region.get(key) == item)
        #expect(response.attributes?["x"] == after)
    }

    @Test(
        arguments: [
            .add(one), .add(.stringSet(["a"])), .add(.list([one])), .delete(.stringSet(["a"])),
        ] as [AttributeUpdate.Action]
    )
    func `an update refuses a value of another type`(action: AttributeUpdate.Action) throws {
        try region.put(["p": text("a"), "x": text("s")])
        #expect(throws: ServiceError.validation("Type mismatch for attribute to update")) {
            try region.update(update("x", action))
        }
    }

    @Test func `an update that only removes makes no item`() throws {
        try region.update(update("x", .remove))
        try region.update(update("x", .delete(.stringSet(["a"]))))
        #expect(try region.version(at: key) == nil)
        try region.update(update("x", .add(Self.one)))
        #expect(try region.get(key) == ["p": text("a"), "x": Self.one])
    }

    @Test func `an update leaves the key alone`() throws {
        #expect(throws: ServiceError.keyUpdated("p")) {
            try region.update(update("p", .put(.string("b"))))
        }
    }

    @Test func `an update of very many attributes is done in reasonable time`() throws {
        // In descending order, so that each would be put before all others.
        let updates = (0..<60_000).reversed().map { index in
            AttributeUpdate(Text(String(1_000_000 + index)), .put(.null))
        }
        let request = UpdateItemRequest(tableName: "t", key: key, attributeUpdates: updates)
        #expect(throws: ServiceError.itemToUpdateTooLarge) { try region.update(request) }
    }

    // MARK: Reads

    @Test func `attributes to get are names and no paths`() throws {
        let item: Item = ["p": text("a"), "m": .map(["x": number(1)]), "m.x": number(2)]
        try region.put(item)
        let response = try region.read { context in
            try GetItemRequest(tableName: "t", key: key, attributesToGet: ["m.x", "none"])
                .perform(in: context)
        }
        guard case .item(let shown)? = response.item else {
            Issue.record("no projected item")
            return
        }
        #expect(shown == ["m.x": number(2)])
    }
}

/// Queries without expressions.
struct LegacyQueryTests {
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture(partition: .string, sort: .number)
        for c in 0..<10 {
            try region.put(["p": text("a"), "c": number(c), "even": .bool(c % 2 == 0)])
        }
        try region.put(["p": text("b"), "c": number(3)])
    }

    private func request(
        _ sort: LegacyCondition?,
        filter: LegacyConditions? = nil,
    ) -> QueryRequest {
        let partition = LegacyCondition("p", .equal, [.string("a")])
        return QueryRequest(
            tableName: "t",
            keyConditions: [sort, partition].compactMap { $0 },
            queryFilter: filter,
        )
    }

    private static func n(_ value: Int) -> AttributeValue { .number(DecimalNumber(value)) }

    @Test(
        arguments: [
            (nil, Array(0..<10)), (LegacyCondition("c", .equal, [n(4)]), [4]),
            (LegacyCondition("c", .less, [n(2)]), [0, 1]),
            (LegacyCondition("c", .lessOrEqual, [n(2)]), [0, 1, 2]),
            (LegacyCondition("c", .greater, [n(7)]), [8, 9]),
            (LegacyCondition("c", .greaterOrEqual, [n(7)]), [7, 8, 9]),
            (LegacyCondition("c", .between, [n(3), n(5)]), [3, 4, 5]),
        ] as [(LegacyCondition?, [Int])]
    )
    func `key conditions bound the range`(sort: LegacyCondition?, expected: [Int]) throws {
        let items = try region.query(request(sort)).items.read()
        #expect(items.map { $0["c"] } == expected.map { number($0) })
    }

    @Test func `a filter counts what it drops`() throws {
        let filter = LegacyConditions([LegacyCondition("even", .equal, [.bool(true)])])
        let response = try region.query(request(nil, filter: filter))
        #expect((response.count, response.scannedCount) == (5, 10))
    }

    private static let notIndexable =
        "Attempted conditional constraint is not an indexable operation"

    @Test(
        arguments: [
            ([], "Conditions can be of length 1 or 2 only"),
            (
                ["p", "c", "d"].map { LegacyCondition($0, .equal, [n(1)]) },
                "Conditions can be of length 1 or 2 only"
            ),
            (
                [LegacyCondition("c", .equal, [n(1)])],
                "Query condition missed key schema element: p"
            ),
            (
                [
                    LegacyCondition("p", .equal, [.string("a")]),
                    LegacyCondition("x", .equal, [n(1)]),
                ],
                "Query condition missed key schema element: c"
            ),
            (
                [LegacyCondition("p", .equal, [.string("a")]), LegacyCondition("x", .null)],
                "Query condition missed key schema element: c"
            ),
            (
                [LegacyCondition("p", .beginsWith, [.string("a")])],
                "Query key condition not supported"
            ),
            ([LegacyCondition("p", .notEqual, [.string("a")])], notIndexable),
            ([LegacyCondition("p", .null)], notIndexable),
            (
                [
                    LegacyCondition("p", .equal, [.string("a")]),
                    LegacyCondition("c", .isIn, [n(1)]),
                ],
                notIndexable
            ),
            (
                [LegacyCondition("p", .equal, [n(1)])],
                "One or more parameter values were invalid: "
                    + "Condition parameter type does not match schema type"
            ),
        ] as [([LegacyCondition], String)]
    )
    func `keys that a query cannot read are refused`(
        conditions: [LegacyCondition],
        message: String,
    ) {
        #expect(throws: ServiceError.validation(message)) {
            try region.query(QueryRequest(tableName: "t", keyConditions: conditions))
        }
    }

    @Test func `a filter on a key attribute is refused by its own name`() {
        let filter = LegacyConditions([LegacyCondition("c", .equal, [Self.n(1)])])
        #expect(
            throws: ServiceError.validation(
                "QueryFilter can only contain non-primary key attributes: "
                    + "Primary key attribute: c"
            )
        ) { try region.query(request(nil, filter: filter)) }
    }
}
