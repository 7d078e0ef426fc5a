package import Items

extension Condition {
    /// Whether an item satisfies the condition.
    ///
    /// Operands that are missing or of the wrong type make a comparison false (and `<>` true),
    /// never an error.
    package func isTrue(of item: Item) -> Bool {
        switch self {
        case .compare(let left, let comparison, let right):
            comparison.holds(left.value(in: item), right.value(in: item))
        case .between(let operand, let lower, let upper):
            Self.isBetween(
                operand.value(in: item),
                lower.value(in: item),
                upper.value(in: item),
            )
        case .isIn(let operand, let candidates):
            Self.isIn(operand.value(in: item), candidates, of: item)
        case .and(let conditions):
            conditions.allSatisfy { $0.isTrue(of: item) }
        case .or(let conditions):
            conditions.contains { $0.isTrue(of: item) }
        case .not(let condition):
            !condition.isTrue(of: item)
        case .attributeExists(let path):
            path.value(in: item) != nil
        case .attributeNotExists(let path):
            path.value(in: item) == nil
        case .attributeType(let operand, let type):
            operand.value(in: item).map { AttributeTypeName(of: $0) } == type
        case .beginsWith(let operand, let prefix):
            Self.begins(operand.value(in: item), with: prefix.value(in: item))
        case .contains(let operand, let element):
            Self.contains(operand.value(in: item), element.value(in: item))
        }
    }

    private static func isBetween(
        _ value: AttributeValue?,
        _ lower: AttributeValue?,
        _ upper: AttributeValue?,
    ) -> Bool {
        guard let value, let lower, let upper,
            let low = lower.order(against: value),
            let high = value.order(against: upper)
        else { return false }
        return low <= 0 && high <= 0
    }

    private static func isIn(
        _ value: AttributeValue?,
        _ candidates: [ConditionOperand],
        of item: Item,
    ) -> Bool {
        guard let value else { return false }
        return candidates.contains { $0.value(in: item) == value }
    }

    private static func begins(_ value: AttributeValue?, with prefix: AttributeValue?) -> Bool {
        switch (value, prefix) {
        case (.string(let text), .string(let prefix)):
            text.string.utf8.starts(with: prefix.string.utf8)
        case (.binary(let bytes), .binary(let prefix)):
            bytes.starts(with: prefix)
        default:
            false
        }
    }

    private static func contains(_ value: AttributeValue?, _ element: AttributeValue?) -> Bool {
        guard let value, let element else { return false }
        switch (value, element) {
        case (.string(let text), .string(let part)):
            return ByteSearch.contains(part.string.utf8, in: text.string.utf8)
        case (.binary(let bytes), .binary(let part)):
            return ByteSearch.contains(part, in: bytes)
        case (.stringSet(let texts), .string(let text)):
            return texts.contains(text)
        case (.numberSet(let numbers), .number(let number)):
            return numbers.contains(number)
        case (.binarySet(let binaries), .binary(let binary)):
            return binaries.contains(binary)
        case (.list(let elements), _):
            return elements.contains(element)
        default:
            return false
        }
    }
}

extension ConditionComparison {
    /// Whether it holds between two values, either of which may be missing.
    func holds(_ left: AttributeValue?, _ right: AttributeValue?) -> Bool {
        guard let left, let right else { return self == .notEqual }
        switch self {
        case .equal: return left == right
        case .notEqual: return left != right
        case .less: return left.order(against: right).map { $0 < 0 } ?? false
        case .lessOrEqual: return left.order(against: right).map { $0 <= 0 } ?? false
        case .greater: return left.order(against: right).map { $0 > 0 } ?? false
        case .greaterOrEqual: return left.order(against: right).map { $0 >= 0 } ?? false
        }
    }
}

extension ConditionOperand {
    fileprivate func value(in item: Item) -> AttributeValue? {
        switch self {
        case .value(let value): value
        case .path(let path): path.value(in: item)
        case .size(let operand): operand.value(in: item)?.size.map { .number(DecimalNumber($0)) }
        case .condition(let condition): .bool(condition.isTrue(of: item))
        }
    }
}

extension AttributeValue {
    /// What the function `size` says: bytes of strings and binaries, elements of the others; nil
    /// for types without a size.
    fileprivate var size: Int? {
        switch self {
        case .string(let text): text.utf8Count
        case .binary(let bytes): bytes.count
        case .stringSet(let elements): elements.count
        case .numberSet(let elements): elements.count
        case .binarySet(let elements): elements.count
        case .list(let elements): elements.count
        case .map(let entries): entries.count
        case .number, .bool, .null: nil
        }
    }
}
