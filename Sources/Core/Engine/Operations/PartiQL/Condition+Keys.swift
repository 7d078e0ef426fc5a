import Expressions
import Items

/// What a condition of a statement says about key attributes.
extension Condition {
    /// The parts that all must hold.
    var conjuncts: [Condition] {
        guard case .and(let conditions) = self else { return [self] }
        return conditions.flatMap(\.conjuncts)
    }

    /// The value that the attribute must equal.
    func equality(on name: Text) -> AttributeValue? {
        guard case .compare(let left, .equal, let right) = self else { return nil }
        return Self.value(left, right, on: name) ?? Self.value(right, left, on: name)
    }

    /// The values of which the attribute must equal one.
    func equalities(on name: Text) -> [AttributeValue]? {
        if let value = equality(on: name) { return [value] }
        guard case .isIn(let operand, let candidates) = self, operand.isAttribute(name) else {
            return nil
        }
        let values = candidates.compactMap(\.literal)
        return values.count == candidates.count ? values : nil
    }

    /// The condition as one on a sort key, if a range of sort keys fulfils it.
    func sortCondition(on name: Text) -> KeyCondition.SortCondition? {
        switch self {
        case .compare(let left, let comparison, let right):
            if let value = Self.value(left, right, on: name) {
                return KeyCondition.SortCondition(comparison, value)
            }
            guard let value = Self.value(right, left, on: name) else { return nil }
            return KeyCondition.SortCondition(comparison.mirrored, value)
        case .between(let operand, let lower, let upper):
            guard operand.isAttribute(name), let low = lower.literal, let high = upper.literal
            else { return nil }
            return .between(low, high)
        case .beginsWith(let operand, let prefix):
            guard operand.isAttribute(name), let value = prefix.literal else { return nil }
            return .beginsWith(value)
        case .isIn, .and, .or, .not, .attributeExists, .attributeNotExists, .attributeType,
            .contains:
            return nil
        }
    }

    func mentions(_ names: [Text]) -> Bool {
        contains { names.contains($0.head) }
    }

    private static func value(
        _ operand: ConditionOperand,
        _ other: ConditionOperand,
        on name: Text,
    ) -> AttributeValue? {
        operand.isAttribute(name) ? other.literal : nil
    }
}

extension ConditionOperand {
    fileprivate func isAttribute(_ name: Text) -> Bool {
        guard case .path(let path) = self else { return false }
        return path.head == name && path.rest.isEmpty
    }

    fileprivate var literal: AttributeValue? {
        guard case .value(let value) = self else { return nil }
        return value
    }
}

extension ConditionComparison {
    /// The same with its operands exchanged.
    fileprivate var mirrored: ConditionComparison {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

extension KeyCondition.SortCondition {
    fileprivate init?(_ comparison: ConditionComparison, _ value: AttributeValue) {
        switch comparison {
        case .equal: self = .equal(value)
        case .notEqual: return nil
        case .less: self = .less(value)
        case .lessOrEqual: self = .lessOrEqual(value)
        case .greater: self = .greater(value)
        case .greaterOrEqual: self = .greaterOrEqual(value)
        }
    }
}
