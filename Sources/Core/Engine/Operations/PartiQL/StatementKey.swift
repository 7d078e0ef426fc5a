import Expressions
import Items
import Wire

/// The item that the WHERE of a write names, and what else it asks of that item.
struct StatementKey {
    /// The key attributes, of whatever type they were given.
    let key: Item
    let rest: Condition?

    /// `firstCounts` says what two values for one key attribute mean: the second one is a condition
    /// like any other, or the statement is refused.
    init(
        _ condition: Condition?,
        schema: TableSchema,
        firstCounts: Bool = false,
    ) throws(ServiceError) {
        var key = Item()
        var rest: [Condition] = []
        for condition in condition?.conjuncts ?? [] {
            guard let (name, value) = Self.keyEquality(condition, schema) else {
                rest.append(condition)
                continue
            }
            guard let known = key[name] else {
                key[name] = value
                continue
            }
            guard known != value else { continue }
            guard firstCounts else { throw .whereKeyTwice(name) }
            rest.append(condition)
        }
        guard key.count == schema.keyAttributes.count else {
            throw .whereKeyIncomplete
        }
        self.key = key
        self.rest = rest.isEmpty ? nil : rest.count == 1 ? rest[0] : .and(rest)
    }

    private static func keyEquality(
        _ condition: Condition,
        _ schema: TableSchema,
    ) -> (Text, AttributeValue)? {
        for attribute in schema.keyAttributes {
            if let value = condition.equality(on: attribute.name) { return (attribute.name, value) }
        }
        return nil
    }
}
