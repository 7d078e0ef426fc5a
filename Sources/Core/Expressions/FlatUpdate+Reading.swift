import Items

extension FlatUpdate {
    /// Nil for trees that say more than it can do.
    ///
    /// In the places of values, the trees have the values' places in the request, as numbers; `types` are
    /// the types of the request's values.
    init?(_ update: Update, _ condition: Condition?, _ types: [AttributeTypeName]) {
        guard types.allSatisfy(\.isScalar), let names = Self.names(update, condition),
            let wanted = WantedAttributes(names)
        else { return nil }
        let reader = Reader(wanted: wanted, types: types)
        guard let steps = reader.steps(update), let checks = reader.checks(condition) else {
            return nil
        }
        self.wanted = wanted
        self.checks = checks
        self.steps = steps.sorted { $0.attribute < $1.attribute }
        chargedBytes = update.chargedBytes(on: nil)
        var charged: [Int] = []
        _ = update.replacingValues { value in
            if let place = value.place { charged.append(place) }
            return value
        }
        chargedValues = charged
    }

    /// The attributes that the trees name; nil where a path leads into one.
    private static func names(_ update: Update, _ condition: Condition?) -> [Text]? {
        var names: [Text] = []
        let leadsInto = { (path: DocumentPath) in
            names.append(path.head)
            return !path.rest.isEmpty
        }
        if update.actions.contains(where: { $0.contains(where: leadsInto) }) { return nil }
        if let condition, condition.contains(where: leadsInto) { return nil }
        return names
    }

    /// Goes through trees whose paths are all to whole attributes.
    private struct Reader {
        let wanted: WantedAttributes
        let types: [AttributeTypeName]

        func steps(_ update: Update) -> [(attribute: Int, action: Action)]? {
            var steps: [(attribute: Int, action: Action)] = []
            for step in update.actions {
                guard let attribute = attribute(step.path), let action = action(step) else {
                    return nil
                }
                steps.append((attribute, action))
            }
            return steps
        }

        private func action(_ action: Update.Action) -> Action? {
            switch action {
            case .set(_, let operand): return self.operand(operand).map { .set($0) }
            case .add(_, let value):
                guard let place = value.place, types[place] == .number else { return nil }
                return .add(value: place)
            case .remove: return .remove
            case .delete: return nil
            }
        }

        private func operand(_ operand: UpdateOperand) -> Operand? {
            switch operand {
            case .sum(let left, let right):
                guard let left = term(left), let right = term(right) else { return nil }
                return .sum(left, right)
            case .difference(let left, let right):
                guard let left = term(left), let right = term(right) else { return nil }
                return .difference(left, right)
            default: return term(operand).map { .term($0) }
            }
        }

        private func term(_ operand: UpdateOperand) -> Term? {
            switch operand {
            case .value(let value): return value.place.map { .value($0) }
            case .path(let path): return attribute(path).map { .attribute($0) }
            case .ifNotExists(let path, .value(let value)):
                guard let attribute = attribute(path), let place = value.place else { return nil }
                return .attributeOr(attribute, value: place)
            case .ifNotExists, .listAppend, .sum, .difference: return nil
            }
        }

        func checks(_ condition: Condition?) -> [Check]? {
            guard let condition else { return [] }
            guard case .and(let conditions) = condition else {
                return check(condition).map { [$0] }
            }
            let checks = conditions.compactMap { check($0) }
            return checks.count == conditions.count ? checks : nil
        }

        private func check(_ condition: Condition) -> Check? {
            switch condition {
            case .attributeExists(let path): return attribute(path).map { .exists($0) }
            case .attributeNotExists(let path): return attribute(path).map { .isMissing($0) }
            case .compare(.path(let path), let comparison, .value(let value)):
                guard let attribute = attribute(path), let place = value.place else { return nil }
                return .compare(attribute, comparison, value: place)
            default: return nil
            }
        }

        private func attribute(_ path: DocumentPath) -> Int? { wanted.index(of: path.head) }
    }
}

extension AttributeValue {
    /// The place that this stands for, in a tree that has places for values.
    var place: Int? {
        guard case .number(let number) = self else { return nil }
        return number.intValue
    }
}

extension AttributeTypeName {
    fileprivate var isScalar: Bool {
        switch self {
        case .string, .number, .binary, .bool, .null: true
        case .stringSet, .numberSet, .binarySet, .list, .map: false
        }
    }
}
