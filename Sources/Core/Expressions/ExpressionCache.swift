package import Items

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
    /// Of one update and condition so many forms are kept, for other names and types of values each; what comes
    /// after them is read as ever.
    package static let formsPerTextMax = 4

    // Nothing that is called while one of these is changed comes back here.
    @exclusivity(unchecked) private var conditions = KnownTexts<Condition>()
    @exclusivity(unchecked) private var updates = KnownTexts<Update>()
    @exclusivity(unchecked) private var forms = KnownForms()

    package init() {}

    func condition(_ text: String, _ placeholders: inout Placeholders) -> Condition? {
        conditions.find(text)?.tree(for: &placeholders)
    }

    func update(_ text: String, _ placeholders: inout Placeholders) -> Update? {
        updates.find(text)?.tree(for: &placeholders)
    }

    /// What is known of an update's request as a whole, with its values in the order that goes with it; nil
    /// if nothing is.
    package func form(of texts: UpdateTexts) -> (UpdateForm, [(String, AttributeValue)])? {
        forms.find(texts)
    }

    /// Keeps what a request's expressions, which were just found or parsed here without a fault, are together.
    package func keepForm(of texts: UpdateTexts) {
        guard forms.hasRoom(for: texts), let update = updates.find(texts.update) else { return }
        var condition: ParsedExpression<Condition>?
        if let text = texts.condition {
            condition = conditions.find(text)
            guard condition != nil else { return }
        }
        if let form = UpdateForm(texts, update, condition) { forms.add(form, of: texts) }
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

/// Updates' requests as wholes, by their texts, and the last one that was asked for.
private struct KnownForms {
    private struct Texts: Hashable {
        let update: Text
        let condition: Text?

        init(_ texts: UpdateTexts) {
            update = Text(texts.update)
            condition = texts.condition.map { Text($0) }
        }
    }

    private var forms: [Texts: [UpdateForm]] = [:]
    private var count = 0
    private var last: UpdateForm?

    mutating func find(_ texts: UpdateTexts) -> (UpdateForm, [(String, AttributeValue)])? {
        if let last, let values = last.values(of: texts) { return (last, values) }
        for form in forms[Texts(texts)] ?? [] {
            guard let values = form.values(of: texts) else { continue }
            last = form
            return (form, values)
        }
        return nil
    }

    /// Whether one more of these texts would be kept.
    func hasRoom(for texts: UpdateTexts) -> Bool {
        forms[Texts(texts)].map { $0.count < ExpressionCache.formsPerTextMax } ?? true
    }

    mutating func add(_ form: UpdateForm, of texts: UpdateTexts) {
        if count >= ExpressionCache.entriesMax {
            forms.removeAll(keepingCapacity: true)
            count = 0
        }
        forms[Texts(texts), default: []].append(form)
        count += 1
        last = form
    }
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
