import Expressions
import Items
import Wire

/// The parameters that came before expressions, as the trees that expressions become.
extension ConditionExpression {
    init(_ legacy: LegacyConditions) {
        let conditions = legacy.conditions.map(Condition.init)
        guard conditions.count != 1 else {
            self.init(conditions[0])
            return
        }
        switch legacy.joinedBy {
        case .and: self.init(.and(conditions))
        case .or: self.init(.or(conditions))
        }
    }
}

extension Condition {
    fileprivate init(_ legacy: LegacyCondition) {
        let path = DocumentPath(legacy.attribute)
        let attribute = ConditionOperand.path(path)
        let values = legacy.values.map(ConditionOperand.value)
        func compared(_ comparison: ConditionComparison) -> Condition {
            .compare(attribute, comparison, values[0])
        }
        self =
            switch legacy.comparison {
            case .equal: compared(.equal)
            case .notEqual: compared(.notEqual)
            case .less: compared(.less)
            case .lessOrEqual: compared(.lessOrEqual)
            case .greater: compared(.greater)
            case .greaterOrEqual: compared(.greaterOrEqual)
            case .isIn: .isIn(attribute, values)
            case .between: .between(attribute, lower: values[0], upper: values[1])
            case .null: .attributeNotExists(path)
            case .notNull: .attributeExists(path)
            case .beginsWith: .beginsWith(attribute, prefix: values[0])
            case .contains: .contains(attribute, values[0])
            // Unlike NE, it does not hold of what is not there.
            case .notContains:
                .and([.attributeExists(path), .not(.contains(attribute, values[0]))])
            }
    }
}

extension UpdateExpression {
    init(_ legacy: [AttributeUpdate]) {
        self.init(Update(legacy.map(Update.Action.init)))
    }
}

extension Update.Action {
    fileprivate init(_ legacy: AttributeUpdate) {
        let path = DocumentPath(legacy.attribute)
        self =
            switch legacy.action {
            case .put(let value): .set(path, .value(value))
            // Expressions have another word for what ADD does to lists.
            case .add(.list(let elements)):
                .set(
                    path,
                    .listAppend(.ifNotExists(path, .value(.list([]))), .value(.list(elements))),
                )
            case .add(let value): .add(path, value)
            case .remove: .remove(path)
            case .delete(let value): .delete(path, value)
            }
    }
}

extension ProjectionExpression {
    init(_ attributesToGet: [Text]) {
        self.init(attributesToGet.map { DocumentPath($0) })
    }
}

/// What says which keys a Query reads.
enum KeyConditionSource {
    case expression(KeyConditionExpression)
    /// `KeyConditions`; `notIndexable` are the attributes of those whose operators find no keys.
    ///
    /// What is wrong with them depends on the table, so it waits until the table is known.
    case legacy(KeyConditionExpression, notIndexable: [Text])

    init(_ legacy: [LegacyCondition]) throws(ServiceError) {
        var clauses: [KeyConditionExpression.Clause] = []
        var notIndexable: [Text] = []
        for condition in legacy {
            let sort = KeyCondition.SortCondition(condition)
            if sort == nil { notIndexable.append(condition.attribute) }
            // Nobody gets to see the stand-in: if its attribute is no key, a key is without a clause.
            clauses.append(
                KeyConditionExpression.Clause(
                    name: condition.attribute,
                    condition: sort ?? .equal(.null),
                )
            )
        }
        let expression = try ServiceError.from { () throws(ExpressionError) in
            try KeyConditionExpression(clauses)
        }
        self = .legacy(expression, notIndexable: notIndexable)
    }

    func resolved(for schema: IndexSchema) throws(ExpressionError) -> KeyCondition {
        switch self {
        case .expression(let expression):
            return try expression.resolved(for: schema)
        case .legacy(let expression, let notIndexable):
            let countMax = schema.hasSeveral ? Int.max : KeyConditionExpression.simpleClausesMax
            guard expression.clauses.count <= countMax else {
                throw KeyConditionExpression.wrongCount
            }
            if schema.keyAttributes.contains(where: { notIndexable.contains($0.name) }) {
                throw ExpressionError(
                    "Attempted conditional constraint is not an indexable operation"
                )
            }
            return try expression.resolved(for: schema)
        }
    }
}

extension KeyCondition.SortCondition {
    /// Nil for what a key cannot be asked.
    fileprivate init?(_ legacy: LegacyCondition) {
        let values = legacy.values
        switch legacy.comparison {
        case .equal: self = .equal(values[0])
        case .less: self = .less(values[0])
        case .lessOrEqual: self = .lessOrEqual(values[0])
        case .greater: self = .greater(values[0])
        case .greaterOrEqual: self = .greaterOrEqual(values[0])
        case .between: self = .between(values[0], values[1])
        case .beginsWith: self = .beginsWith(values[0])
        case .null, .notNull, .notEqual, .contains, .notContains, .isIn: return nil
        }
    }
}
