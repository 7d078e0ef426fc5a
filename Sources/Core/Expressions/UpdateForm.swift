package import Items

/// What a request to update an item says in its expressions, and the names and values for their
/// placeholders, in the order of the request.
package struct UpdateTexts {
    package let update: String
    package let condition: String?
    package let names: [(String, String)]
    package let values: [(String, AttributeValue)]

    package init(
        update: String,
        condition: String?,
        names: [(String, String)]?,
        values: [(String, AttributeValue)]?,
    ) {
        self.update = update
        self.condition = condition
        self.names = names ?? []
        self.values = values ?? []
    }
}

/// A request to update an item as far as it is the same each time an application sends it: its texts,
/// its names, and the types of its values.
///
/// Whether its expressions have a fault depends on nothing else (`ExpressionCache`), so one that fits
/// has none, and neither trees nor placeholders have to be made of it: 10,000 of the 91,000 instructions
/// of a conditional update, beside what `FlatUpdate` saves.
///
/// A reference, which goes with the request to the writer. No request's values are in it.
package final class UpdateForm: Sendable {
    let text: String
    private let condition: String?
    private let names: [(String, String)]
    private let values: [(key: String, type: AttributeTypeName)]
    /// With the values' places in the request where values go, as numbers.
    private let updateTree: Update
    private let conditionTree: Condition?
    package let flat: FlatUpdate?

    /// Nil where what was kept under a text was that of other names or values.
    init?(
        _ texts: UpdateTexts,
        _ update: ParsedExpression<Update>,
        _ condition: ParsedExpression<Condition>?,
    ) {
        guard let updateTree = update.placing(texts) else { return nil }
        conditionTree = condition?.placing(texts)
        guard (conditionTree == nil) == (condition == nil) else { return nil }
        self.updateTree = updateTree
        text = texts.update
        self.condition = texts.condition
        names = texts.names
        values = texts.values.map { ($0.0, AttributeTypeName(of: $0.1)) }
        flat = FlatUpdate(updateTree, conditionTree, values.map(\.type))
    }

    func fits(_ texts: UpdateTexts) -> Bool {
        guard Text(text) == Text(texts.update), names.count == texts.names.count,
            values.count == texts.values.count
        else { return false }
        switch (condition, texts.condition) {
        case (nil, nil): break
        case (let mine?, let other?): guard Text(mine) == Text(other) else { return false }
        default: return false
        }
        for place in values.indices {
            let (key, value) = texts.values[place]
            guard Text(values[place].key) == Text(key),
                values[place].type == AttributeTypeName(of: value)
            else { return false }
        }
        for place in names.indices {
            let (mine, other) = (names[place], texts.names[place])
            guard Text(mine.0) == Text(other.0), Text(mine.1) == Text(other.1) else {
                return false
            }
        }
        return true
    }

    /// The trees of a request that fits, whose values these are.
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
