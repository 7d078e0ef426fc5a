package import Items

extension Update {
    /// The item after all actions.
    ///
    /// All of them see the item as it was before.
    package func applied(to item: Item) throws(ExpressionError) -> Item {
        try appliedTelling(to: item).item
    }

    /// The same, and which attributes as a whole were given values; nil where not all paths are to whole
    /// attributes.
    func appliedTelling(
        to item: Item
    ) throws(ExpressionError) -> (item: Item, changed: [Item.Attribute]?) {
        var whole: [(name: Text, value: AttributeValue?)] = []
        whole.reserveCapacity(actions.count)
        var nested: [Change] = []
        for action in actions {
            guard let change = try action.change(of: item) else { continue }
            if change.path.rest.isEmpty {
                Self.insert((change.path.head, change.value), in: &whole)
            } else {
                nested.append(change)
            }
        }
        var result = whole.isEmpty ? item : item.changing(whole)
        guard nested.isEmpty else {
            try Change.apply(nested, to: &result)
            return (result, nil)
        }
        var changed: [Item.Attribute] = []
        changed.reserveCapacity(whole.count)
        for case (let name, let value?) in whole { changed.append(Item.Attribute(name, value)) }
        return (result, changed)
    }
}

extension Update {
    /// Puts a change where it is in order among few; of many, whoever needs the order makes it at once.
    private static func insert(
        _ change: (name: Text, value: AttributeValue?),
        in changes: inout [(name: Text, value: AttributeValue?)],
    ) {
        var place = changes.count
        if place < 8 {
            while place > 0, change.name < changes[place - 1].name { place -= 1 }
        }
        changes.insert(change, at: place)
    }
}

extension Update.Action {
    /// What becomes of the value at the action's path.
    fileprivate func change(of item: Item) throws(ExpressionError) -> Change? {
        switch self {
        case .set(let path, let operand):
            return Change(path: path, value: try operand.value(in: item))
        case .remove(let path):
            return Change(path: path, value: nil)
        case .add(let path, let operand):
            guard let value = path.value(in: item) else {
                return Change(path: path, value: operand)
            }
            return Change(path: path, value: try value.adding(operand))
        case .delete(let path, let operand):
            // Deleting from nothing changes nothing, but the way to it must be there.
            guard let value = path.value(in: item) else { return Change(path: path, value: nil) }
            return Change(path: path, value: try value.deleting(operand))
        }
    }
}

extension UpdateOperand {
    fileprivate func value(in item: Item) throws(ExpressionError) -> AttributeValue {
        switch self {
        case .value(let value):
            return value
        case .path(let path):
            guard let value = path.value(in: item) else { throw .missingAttribute }
            return value
        case .sum(let left, let right):
            let (a, b) = (try left.number(in: item), try right.number(in: item))
            return .number(
                try ExpressionError.number { () throws(DecimalError) in try a.adding(b) }
            )
        case .difference(let left, let right):
            let (a, b) = (try left.number(in: item), try right.number(in: item))
            return .number(
                try ExpressionError.number { () throws(DecimalError) in try a.subtracting(b) }
            )
        case .ifNotExists(let path, let operand):
            if let value = path.value(in: item) { return value }
            return try operand.value(in: item)
        case .listAppend(let left, let right):
            guard case .list(let head) = try left.value(in: item),
                case .list(let tail) = try right.value(in: item)
            else { throw .wrongOperandType }
            return .list(head + tail)
        }
    }

    private func number(in item: Item) throws(ExpressionError) -> DecimalNumber {
        guard case .number(let number) = try value(in: item) else { throw .wrongOperandType }
        return number
    }
}

extension AttributeValue {
    /// ADD: a number more, or the union of two sets of one type.
    fileprivate func adding(_ operand: AttributeValue) throws(ExpressionError) -> AttributeValue {
        switch (self, operand) {
        case (.number(let left), .number(let right)):
            .number(
                try ExpressionError.number { () throws(DecimalError) in try left.adding(right) }
            )
        case (.stringSet(let left), .stringSet(let right)):
            .stringSet(SortedSet.union(left, right, by: <))
        case (.numberSet(let left), .numberSet(let right)):
            .numberSet(SortedSet.union(left, right, by: <))
        case (.binarySet(let left), .binarySet(let right)):
            .binarySet(SortedSet.union(left, right) { $0.lexicographicallyPrecedes($1) })
        default:
            throw .wrongOperandType
        }
    }

    /// DELETE: a set without the operand's elements; nil when none stays.
    fileprivate func deleting(
        _ operand: AttributeValue
    ) throws(ExpressionError) -> AttributeValue? {
        switch (self, operand) {
        case (.stringSet(let left), .stringSet(let right)):
            let rest = SortedSet.difference(left, right, by: <)
            return rest.isEmpty ? nil : .stringSet(rest)
        case (.numberSet(let left), .numberSet(let right)):
            let rest = SortedSet.difference(left, right, by: <)
            return rest.isEmpty ? nil : .numberSet(rest)
        case (.binarySet(let left), .binarySet(let right)):
            let rest = SortedSet.difference(left, right) { $0.lexicographicallyPrecedes($1) }
            return rest.isEmpty ? nil : .binarySet(rest)
        default:
            throw .wrongOperandType
        }
    }
}

extension ExpressionError {
    static let missingAttribute = ExpressionError(
        "The provided expression refers to an attribute that does not exist in the item"
    )
    package static let wrongOperandType = ExpressionError(
        "An operand in the update expression has an incorrect data type"
    )
    static let invalidPath = ExpressionError(
        "The document path provided in the update expression is invalid for update"
    )

    /// The result of arithmetic, or the service's word for why there is none.
    fileprivate static func number(
        _ result: () throws(DecimalError) -> DecimalNumber
    ) throws(ExpressionError) -> DecimalNumber {
        do {
            return try result()
        } catch {
            switch error {
            case .underflow:
                throw ExpressionError(
                    "Number underflow. Attempting to store a number with magnitude smaller than "
                        + "supported range"
                )
            case .overflow, .tooManyDigits, .notANumber:
                throw ExpressionError(
                    "Number overflow. Attempting to store a number with magnitude larger than "
                        + "supported range"
                )
            }
        }
    }
}
