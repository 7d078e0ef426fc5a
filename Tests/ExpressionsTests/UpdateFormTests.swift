import Items
import Testing

@testable import Expressions

/// Updates that are known as wholes, against the parser and what it makes of the expressions.
struct UpdateFormTests {
    private typealias Values = [(String, AttributeValue)]

    private static let updates = [
        "SET visits = visits + :one, seen = :seen", "ADD visits :one REMOVE past, seen",
        "SET visits = :one - visits", "SET #n = if_not_exists(#n, :seen), twin = visits",
        "SET visits = if_not_exists(visits, :one) + :one", "REMOVE a, b, visits, z",
        "SET seen = :seen, a = :one, visits = :one + :one, zz = :seen", "SET a = seen, seen = a",
        // Not of whole attributes, or with more than is done quickly.
        "SET a.b = :one", "SET a = list_append(a, :seen)", "DELETE a :seen", "ADD seen :seen",
        "SET a = :seen REMOVE b[1]", "SET a = if_not_exists(b, if_not_exists(seen, :one))",
        "SET c1=:one,c2=:one,c3=:one,c4=:one,c5=:one,c6=:one,c7=:one,c8=:one,c9=:one",
    ]

    private static let conditions = [
        nil, "attribute_exists(pk)", "attribute_exists(pk) AND visits >= :one",
        "attribute_not_exists(past) AND seen <> :seen", "seen = :seen", "visits < :one",
        "attribute_exists(a.b)", "visits > :one OR attribute_exists(pk)", "NOT visits = :one",
        "visits BETWEEN :one AND :one", "begins_with(seen, :seen)", "size(seen) > :one",
    ]

    private static let given: [Values] = [
        [(":one", .number(DecimalNumber(1))), (":seen", .string("now"))],
        [(":one", .number(DecimalNumber(-7))), (":seen", .string("a text of more bytes"))],
        [(":one", .string("1")), (":seen", .null)],
        [(":one", .number(DecimalNumber(2))), (":seen", .binary([1, 2]))],
        [(":one", .bool(true)), (":seen", .list([.null]))],
    ]

    private static let items = [
        #"{"pk": "k", "seen": "now", "visits": 5}"#,
        #"{"pk": "k", "past": null, "visits": 1, "z": true}"#,
        #"{"pk": "k", "visits": "five", "a": 3, "n": null, "seen": "was"}"#,
        #"{"pk": "k", "a": [null], "seen": "then"}"#,
        #"{"a": {"B": "AQI="}, "b": "é", "é": "b", "visits": 0}"#,
        #"{"pk": "k", "visits": 9.9999999999999999999999999999999999999e125}"#, "{}",
    ]

    private func texts(_ update: String, _ condition: String?, _ values: Values) -> UpdateTexts {
        let all = update + (condition ?? "")
        let used = values.filter { all.contains($0.0) }
        let names = all.contains("#n") ? [("#n", "n")] : nil
        return UpdateTexts(update: update, condition: condition, names: names, values: used)
    }

    private func parse(
        _ texts: UpdateTexts,
        _ known: ExpressionCache,
    ) throws(ExpressionError) -> (UpdateExpression, ConditionExpression?) {
        var placeholders = try Placeholders(
            names: texts.names.isEmpty ? nil : texts.names,
            values: texts.values.isEmpty ? nil : texts.values,
        )
        var condition: ConditionExpression?
        if let text = texts.condition {
            condition = try ConditionExpression(
                parsing: text,
                placeholders: &placeholders,
                known: known,
            )
        }
        let update = try UpdateExpression(
            parsing: texts.update,
            placeholders: &placeholders,
            known: known,
        )
        try placeholders.checkAllUsed()
        return (update, condition)
    }

    /// What the trees make of an item; nil where the condition does not hold, or something fails.
    private func plain(
        _ update: UpdateExpression,
        _ condition: ConditionExpression?,
        on item: Item,
    ) -> (item: Item, changed: Item)? {
        guard condition?.isTrue(of: item) ?? true,
            let result = try? update.apply(to: item, key: Item())
        else { return nil }
        return (result.item, result.updatedNew)
    }

    /// How often the quick way told what comes of an item.
    private func compare(_ texts: UpdateTexts, _ known: ExpressionCache) throws -> Int {
        guard let (update, condition) = try? parse(texts, known) else {
            #expect(known.form(of: texts) == nil)
            return 0
        }
        known.keepForm(of: texts)
        guard let (form, values) = known.form(of: texts) else { return 0 }
        #expect(values.map(\.0) == texts.values.map(\.0))
        let trees = form.trees(texts.values)
        #expect(trees.0 == update)
        #expect(trees.1 == condition)
        guard let flat = form.flat else { return 0 }
        #expect(flat.chargedBytesMax(texts.values) >= update.update.chargedBytes(on: nil))
        var told = 0
        for text in Self.items {
            let item = try ExpressionsTests.plain(text)
            let quick = item.encoded().withUnsafeBytes {
                flat.result(on: $0, texts.values, isTelling: true)
            }
            guard let quick else { continue }
            told += 1
            let expected = try #require(plain(update, condition, on: item))
            #expect(quick.item.encoded() == expected.item.encoded())
            #expect(quick.item.sizeBytes == expected.item.sizeBytes)
            #expect(Item(quick.changed) == expected.changed)
        }
        return told
    }

    @Test(arguments: updates)
    func `what is known of an update is what the parser says, whatever was kept before`(
        update: String
    ) throws {
        let known = ExpressionCache()
        for _ in 0..<2 {
            for condition in Self.conditions {
                for values in Self.given {
                    _ = try compare(texts(update, condition, values), known)
                }
            }
        }
    }

    @Test func `usual updates are told without trees, wherever the trees can tell`() throws {
        for update in Self.updates.prefix(8) {
            let texts = texts(update, "attribute_exists(pk)", Self.given[0])
            let known = ExpressionCache()
            let told = try compare(texts, known)
            let (update, condition) = try parse(texts, known)
            // Items with a list are left to the trees.
            let usual = try Self.items.filter { !$0.contains("[") }
                .map { try ExpressionsTests.plain($0) }
            #expect(told == usual.filter { plain(update, condition, on: $0) != nil }.count)
            #expect(told > 0)
        }
    }

    @Test func `a request fits what has its texts, names and types of values`() throws {
        let known = ExpressionCache()
        let (update, condition) = ("SET #n = :one, b = :seen", "#n <> :one")
        func texts(
            _ name: String,
            _ values: Values,
            condition: String? = condition,
        ) -> UpdateTexts {
            UpdateTexts(update: update, condition: condition, names: [("#n", name)], values: values)
        }
        let first = texts("n", Self.given[0])
        _ = try parse(first, known)
        known.keepForm(of: first)
        #expect(known.form(of: first) != nil)
        #expect(known.form(of: texts("n", Self.given[1])) != nil)
        #expect(known.form(of: texts("m", Self.given[0])) == nil)
        #expect(known.form(of: texts("n", Self.given[2])) == nil)
        let reversed = known.form(of: texts("n", Self.given[1].reversed()))
        #expect(reversed?.1.map(\.0) == Self.given[1].map(\.0))
        #expect(reversed?.1.map(\.1) == Self.given[1].map(\.1))
        #expect(known.form(of: texts("n", [Self.given[0][0], Self.given[0][0]])) == nil)
        #expect(known.form(of: texts("n", Array(Self.given[0].prefix(1)))) == nil)
        #expect(known.form(of: texts("n", Self.given[0], condition: nil)) == nil)
        #expect(known.form(of: texts("n", Self.given[0], condition: "#n = :one")) == nil)
        let unnamed = UpdateTexts(
            update: update,
            condition: condition,
            names: nil,
            values: Self.given[0],
        )
        #expect(known.form(of: unnamed) == nil)
    }

    @Test func `an update of a key is told by it`() throws {
        let schema = TableSchema(
            partition: TableSchema.KeyAttribute(name: "pk", type: .string),
            sort: TableSchema.KeyAttribute(name: "sk", type: .string),
        )
        for (update, changes) in [
            ("SET pk = :seen", true), ("SET a = pk", false), ("REMOVE sk", true),
            ("ADD b :one REMOVE pk", true), ("SET pk2 = :one", false),
        ] {
            let known = ExpressionCache()
            let texts = texts(update, nil, Self.given[0])
            _ = try parse(texts, known)
            known.keepForm(of: texts)
            let flat = try #require(known.form(of: texts)?.0.flat)
            #expect(flat.changesKey(of: schema) == changes)
        }
    }

    @Test func `no damaged item is updated`() throws {
        let known = ExpressionCache()
        let texts = texts(Self.updates[0], "attribute_exists(pk)", Self.given[0])
        _ = try parse(texts, known)
        known.keepForm(of: texts)
        let flat = try #require(known.form(of: texts)?.0.flat)
        let item = try ExpressionsTests.plain(Self.items[0])
        let bytes = item.encoded()
        for index in bytes.indices {
            for byte in [0, 1, 2, 3, 4, 5, 6, 0x20, 0x61, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                let result = changed.withUnsafeBytes {
                    flat.result(on: $0, texts.values, isTelling: false)
                }
                guard result != nil else { continue }
                let other = try #require(try? Item(decoding: changed))
                #expect(other.count == item.count)
            }
        }
    }
}
