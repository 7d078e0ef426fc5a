import Items

/// Conditions and updates that were parsed before, by their texts.
///
/// An application sends few texts, over and over, with other values. A text that is known costs a
/// third of the instructions.
///
/// What a parser makes of a text depends on the text, on the names that its placeholders stand for, and
/// on the types of its values; that much is compared, and the values are put in anew. A text of which
/// more depends on a value is not kept: bounds of BETWEEN, the type that `attribute_type` asks for. Nor
/// is one with a mistake.
///
/// Not safe to share between threads: each event loop has one.
package final class ExpressionCache {
    /// More texts than applications have; past it all are forgotten, and those in use come back.
    package static let entriesMax = 256
    /// Longer texts are not kept.
    package static let textBytesMax = 1_024
    /// Nor are texts whose placeholders stand for names that are longer together: of what a request
    /// brings only as much is kept as an application's texts need.
    package static let namesBytesMax = 4_096

    // Nothing that is called while one of these is changed comes back here.
    @exclusivity(unchecked) private var conditions = KnownTexts<Condition>()
    @exclusivity(unchecked) private var updates = KnownTexts<Update>()

    package init() {}

    func condition(_ text: String, _ placeholders: inout Placeholders) -> Condition? {
        conditions.find(text)?.tree(for: &placeholders)
    }

    func update(_ text: String, _ placeholders: inout Placeholders) -> Update? {
        updates.find(text)?.tree(for: &placeholders)
    }

    func keep(_ condition: Condition, of text: String, _ uses: PlaceholderUses) {
        Self.keep(condition, of: text, uses, in: &conditions)
    }

    func keep(_ update: Update, of text: String, _ uses: PlaceholderUses) {
        Self.keep(update, of: text, uses, in: &updates)
    }

    private static func keep<Tree>(
        _ tree: Tree,
        of text: String,
        _ uses: PlaceholderUses,
        in entries: inout KnownTexts<Tree>,
    ) {
        guard text.utf8.count <= textBytesMax, let parsed = ParsedExpression(tree, uses) else {
            return
        }
        entries.set(text, parsed)
    }
}

/// What an expression used of its request's placeholders, in the order of the text.
struct PlaceholderUses: Sendable {
    var names: [(key: String, meaning: Text)] = []
    var values: [(key: String, meaning: AttributeValue)] = []
}

/// A tree whose values can be changed for others of the same types.
protocol ValuedTree {
    /// The same tree with other values in the places of its own.
    ///
    /// `next` is called for each of its values, in the order of the text, and gives what takes its
    /// place.
    func replacingValues(_ next: (AttributeValue) -> AttributeValue) -> Self

    /// Whether its parser looks at more of its values than their types.
    var dependsOnValues: Bool { get }
}

/// Texts with what became of them, and again the last one that was asked for: an application sends the same
/// one many times in a row, and to hash it takes 900 instructions.
private struct KnownTexts<Tree: ValuedTree> {
    private var entries: [Text: ParsedExpression<Tree>] = [:]
    private var last: (text: String, parsed: ParsedExpression<Tree>)?

    mutating func find(_ text: String) -> ParsedExpression<Tree>? {
        if let last, Text(last.text) == Text(text) { return last.parsed }
        guard let parsed = entries[Text(text)] else { return nil }
        last = (text, parsed)
        return parsed
    }

    mutating func set(_ text: String, _ parsed: ParsedExpression<Tree>) {
        if entries.count >= ExpressionCache.entriesMax {
            entries.removeAll(keepingCapacity: true)
        }
        entries[Text(text)] = parsed
        last = (text, parsed)
    }
}

/// A tree, and what a request's placeholders must be for it to be that of the same text there.
///
/// No request's values are in it, which may be large, and are nobody else's business.
private struct ParsedExpression<Tree: ValuedTree> {
    /// With nothing where values go.
    private let tree: Tree
    private let names: [(key: String, meaning: Text)]
    private let values: [(key: String, type: AttributeTypeName)]

    /// Nil for a tree that does not have just the values that were used, each in its place, and where
    /// names are too long.
    init?(_ tree: Tree, _ uses: PlaceholderUses) {
        let nameBytes = uses.names.reduce(0) { $0 + $1.meaning.utf8Count }
        guard !tree.dependsOnValues, nameBytes <= ExpressionCache.namesBytesMax else { return nil }
        var values: [AttributeValue] = []
        let emptied = tree.replacingValues { value in
            values.append(value)
            return .null
        }
        guard values == uses.values.map(\.meaning) else { return nil }
        self.tree = emptied
        names = uses.names
        self.values = uses.values.map { ($0.key, AttributeTypeName(of: $0.meaning)) }
    }

    /// The tree with the values of these placeholders, which are marked as used; nil where they do not
    /// fit.
    ///
    /// Then the parser marks the same ones, since the text names them.
    func tree(for placeholders: inout Placeholders) -> Tree? {
        for (key, meaning) in names where placeholders.name(for: key) != meaning { return nil }
        for (key, type) in values where placeholders.type(for: key) != type { return nil }
        var place = 0
        return tree.replacingValues { nothing in
            defer { place += 1 }
            // All of them are there, as was just seen.
            return placeholders.value(for: values[place].key) ?? nothing
        }
    }
}

extension Update: ValuedTree {
    var dependsOnValues: Bool { false }

    func replacingValues(_ next: (AttributeValue) -> AttributeValue) -> Update {
        Update(
            actions.map { action in
                switch action {
                case .set(let path, let operand): .set(path, operand.replacingValues(next))
                case .remove: action
                case .add(let path, let value): .add(path, next(value))
                case .delete(let path, let value): .delete(path, next(value))
                }
            }
        )
    }
}

extension UpdateOperand {
    fileprivate func replacingValues(_ next: (AttributeValue) -> AttributeValue) -> UpdateOperand {
        switch self {
        case .value(let value): return .value(next(value))
        case .path: return self
        case .sum(let left, let right):
            let left = left.replacingValues(next)
            return .sum(left, right.replacingValues(next))
        case .difference(let left, let right):
            let left = left.replacingValues(next)
            return .difference(left, right.replacingValues(next))
        case .ifNotExists(let path, let operand):
            return .ifNotExists(path, operand.replacingValues(next))
        case .listAppend(let left, let right):
            let left = left.replacingValues(next)
            return .listAppend(left, right.replacingValues(next))
        }
    }
}

extension Condition: ValuedTree {
    var dependsOnValues: Bool {
        switch self {
        case .between, .attributeType: true
        case .and(let conditions), .or(let conditions):
            conditions.contains(where: \.dependsOnValues)
        case .not(let condition): condition.dependsOnValues
        case .compare, .isIn, .attributeExists, .attributeNotExists, .beginsWith, .contains: false
        }
    }

    func replacingValues(_ next: (AttributeValue) -> AttributeValue) -> Condition {
        switch self {
        case .compare(let left, let comparison, let right):
            let left = left.replacingValues(next)
            return .compare(left, comparison, right.replacingValues(next))
        case .between(let operand, let lower, let upper):
            let operand = operand.replacingValues(next)
            let lower = lower.replacingValues(next)
            return .between(operand, lower: lower, upper: upper.replacingValues(next))
        case .isIn(let operand, let candidates):
            let operand = operand.replacingValues(next)
            return .isIn(operand, candidates.map { $0.replacingValues(next) })
        case .and(let conditions): return .and(conditions.map { $0.replacingValues(next) })
        case .or(let conditions): return .or(conditions.map { $0.replacingValues(next) })
        case .not(let condition): return .not(condition.replacingValues(next))
        case .attributeExists, .attributeNotExists: return self
        case .attributeType(let operand, let type):
            return .attributeType(operand.replacingValues(next), type)
        case .beginsWith(let operand, let prefix):
            let operand = operand.replacingValues(next)
            return .beginsWith(operand, prefix: prefix.replacingValues(next))
        case .contains(let operand, let element):
            let operand = operand.replacingValues(next)
            return .contains(operand, element.replacingValues(next))
        }
    }
}

extension ConditionOperand {
    fileprivate func replacingValues(
        _ next: (AttributeValue) -> AttributeValue
    ) -> ConditionOperand {
        switch self {
        case .value(let value): .value(next(value))
        case .path: self
        case .size(let operand): .size(operand.replacingValues(next))
        case .condition(let condition): .condition(condition.replacingValues(next))
        }
    }
}
