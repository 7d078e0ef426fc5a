package import Items

/// A request to update an item as far as it is the same each time an application sends it: its texts,
/// its names, and the types of its values.
///
/// Whether its expressions have a fault depends on nothing else (`ExpressionCache`), so one that fits
/// has none, and neither trees nor placeholders have to be made of it: 10,000 of the 91,000 instructions
/// of a conditional update, beside what `FlatUpdate` saves.
///
/// A reference, which goes with the request to the writer. No request's values are in it.
package final class UpdateForm: Sendable {
    private let text: String
    private let condition: String?
    private let names: [(String, String)]
    private let values: [(key: String, type: AttributeTypeName)]
    /// With the values' places in the request where values go, as numbers.
    private let updateTree: Update
    private let conditionTree: Condition?
    package let flat: FlatUpdate?

    /// Nil where what was kept under a text was that of other names or values, and where one of the request's is
    /// there twice.
    init?(
        _ texts: UpdateTexts,
        _ update: ParsedExpression<Update>,
        _ condition: ParsedExpression<Condition>?,
    ) {
        let keys = texts.names.map(\.0) + texts.values.map(\.0)
        guard Set(keys.map { Text($0) }).count == keys.count,
            let updateTree = update.placing(texts)
        else { return nil }
        conditionTree = condition?.placing(texts)
        guard (conditionTree == nil) == (condition == nil) else { return nil }
        self.updateTree = updateTree
        text = texts.update
        self.condition = texts.condition
        names = texts.names
        values = texts.values.map { ($0.0, AttributeTypeName(of: $0.1)) }
        flat = FlatUpdate(updateTree, conditionTree, values.map(\.type))
    }

    /// A request's values in the form's order, which the trees and `flat` go by; nil where the request is
    /// another.
    ///
    /// Some clients send the members of an object in another order each time.
    func values(of texts: UpdateTexts) -> [(String, AttributeValue)]? {
        guard Text(text) == Text(texts.update), names.count == texts.names.count,
            values.count == texts.values.count,
            condition.map({ Text($0) }) == texts.condition.map({ Text($0) })
        else { return nil }
        for place in names.indices where !isSame(names[place], texts.names[place]) {
            guard texts.names.contains(where: { isSame(names[place], $0) }) else { return nil }
        }
        guard let other = values.indices.first(where: { !isSame(values[$0], texts.values[$0]) })
        else { return texts.values }
        var ordered = Array(texts.values[..<other])
        ordered.reserveCapacity(values.count)
        for value in values[other...] {
            guard let found = texts.values.first(where: { isSame(value, $0) }) else { return nil }
            ordered.append(found)
        }
        return ordered
    }

    private func isSame(_ name: (String, String), _ other: (String, String)) -> Bool {
        Text(name.0) == Text(other.0) && Text(name.1) == Text(other.1)
    }

    private func isSame(
        _ value: (key: String, type: AttributeTypeName),
        _ other: (String, AttributeValue),
    ) -> Bool {
        Text(value.key) == Text(other.0) && value.type == AttributeTypeName(of: other.1)
    }

    /// The trees of a request with these values (`values(of:)`).
    package func trees(
        _ values: [(String, AttributeValue)]
    ) -> (UpdateExpression, ConditionExpression?) {
        let replace = { (place: AttributeValue) -> AttributeValue in
            guard let place = place.place else {
                preconditionFailure("a form has numbers where values go")
            }
            return values[place].1
        }
        return (
            UpdateExpression(updateTree.replacingValues(replace)),
            conditionTree.map { ConditionExpression($0.replacingValues(replace)) }
        )
    }
}

extension ParsedExpression {
    /// The tree with the places of a request's values where values go; nil where it is not the request's.
    fileprivate func placing(_ texts: UpdateTexts) -> Tree? {
        for (key, meaning) in names {
            let name = texts.names.first { Text($0.0) == Text(key) }
            guard let name, Text(name.1) == meaning else { return nil }
        }
        var places: [Int] = []
        for (key, type) in values {
            guard let place = texts.values.firstIndex(where: { Text($0.0) == Text(key) }),
                AttributeTypeName(of: texts.values[place].1) == type
            else { return nil }
            places.append(place)
        }
        var next = 0
        return tree.replacingValues { _ in
            defer { next += 1 }
            return .number(DecimalNumber(places[next]))
        }
    }
}
