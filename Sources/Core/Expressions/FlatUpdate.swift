package import Items

/// An update of whole attributes under a condition on whole attributes, as steps on an item in its
/// stored form.
///
/// No tree of a request's expressions is walked then, and nothing is made of the item but what they look
/// at: 9,000 of the 31,000 instructions that a conditional update takes the writer. What it does not
/// know how to do, and whatever fails, is left to `Condition.isTrue` and `Update.applied`, and what to
/// say of it.
///
/// **Invariant.** What it makes of an item is what these two make of it. `UpdateFormTests` and
/// `PlainWriteTests` hold them to it.
package struct FlatUpdate: Sendable {
    /// What has to hold; attributes are by their place in `wanted`, values by theirs in the request.
    enum Check {
        case exists(Int)
        case isMissing(Int)
        case compare(Int, ConditionComparison, value: Int)
    }

    enum Term {
        case value(Int)
        case attribute(Int)
        case attributeOr(Int, value: Int)
    }

    enum Operand {
        case term(Term)
        case sum(Term, Term)
        case difference(Term, Term)
    }

    enum Action {
        case set(Operand)
        case add(value: Int)
        case remove
    }

    let wanted: WantedAttributes
    let checks: [Check]
    /// In the order of the attributes.
    let steps: [(attribute: Int, action: Action)]
    /// `Update.chargedBytes` without what the values add, and the values that do.
    let chargedBytes: Int
    let chargedValues: [Int]

    /// Whether it writes, or tells of, an attribute of a table's key.
    package func changesKey(of schema: TableSchema) -> Bool {
        steps.contains { step in
            let name = wanted.names[step.attribute]
            return name == schema.partition.name || name == schema.sort?.name
        }
    }

    /// An upper bound of `Update.chargedBytes`.
    package func chargedBytesMax(_ values: [(String, AttributeValue)]) -> Int {
        chargedValues.reduce(chargedBytes) { $0 + values[$1].1.sizeBytes }
    }

    /// The item that comes of one in stored form, and, if they are asked for, the attributes that were given
    /// values; nil where the condition does not hold, and where it takes more to tell.
    package func result(
        on image: UnsafeRawBufferPointer,
        _ values: [(String, AttributeValue)],
        isTelling: Bool,
    ) -> (item: Item, changed: [Item.Attribute])? {
        guard let found = FoundAttributes(wanted, in: image) else { return nil }
        for check in checks where !Self.holds(check, of: found, values) { return nil }
        var changes: [(index: Int, value: AttributeValue?)] = []
        changes.reserveCapacity(steps.count)
        for (attribute, action) in steps {
            if case .remove = action {
                changes.append((attribute, nil))
                continue
            }
            guard let value = Self.value(action, of: attribute, found, values) else { return nil }
            changes.append((attribute, value))
        }
        guard let item = found.changing(changes) else { return nil }
        var changed: [Item.Attribute] = []
        if isTelling {
            changed.reserveCapacity(changes.count)
            for case (let index, let value?) in changes {
                changed.append(Item.Attribute(wanted.names[index], value))
            }
        }
        return (item, changed)
    }
}

extension FlatUpdate {
    private static func holds(
        _ check: Check,
        of found: FoundAttributes,
        _ values: [(String, AttributeValue)],
    ) -> Bool {
        switch check {
        case .exists(let attribute): found.contains(attribute)
        case .isMissing(let attribute): !found.contains(attribute)
        case .compare(let attribute, let comparison, let value):
            comparison.holds(found.value(attribute), values[value].1)
        }
    }

    private static func value(
        _ action: Action,
        of attribute: Int,
        _ found: FoundAttributes,
        _ values: [(String, AttributeValue)],
    ) -> AttributeValue? {
        switch action {
        case .remove: return nil
        case .add(let value):
            guard let before = found.value(attribute) else { return values[value].1 }
            guard case .number(let left) = before, case .number(let right) = values[value].1 else {
                return nil
            }
            return (try? left.adding(right)).map { .number($0) }
        case .set(.term(let term)): return Self.value(term, found, values)
        case .set(.sum(let left, let right)):
            guard case .number(let left) = Self.value(left, found, values),
                case .number(let right) = Self.value(right, found, values)
            else { return nil }
            return (try? left.adding(right)).map { .number($0) }
        case .set(.difference(let left, let right)):
            guard case .number(let left) = Self.value(left, found, values),
                case .number(let right) = Self.value(right, found, values)
            else { return nil }
            return (try? left.subtracting(right)).map { .number($0) }
        }
    }

    private static func value(
        _ term: Term,
        _ found: FoundAttributes,
        _ values: [(String, AttributeValue)],
    ) -> AttributeValue? {
        switch term {
        case .value(let value): values[value].1
        case .attribute(let attribute): found.value(attribute)
        case .attributeOr(let attribute, let value): found.value(attribute) ?? values[value].1
        }
    }
}
