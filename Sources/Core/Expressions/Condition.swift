package import Items

/// A condition on one item, as a tree; where it was written down does not matter here.
///
/// Depth is bounded by whoever builds it (`ExpressionLimits.nestingMax` for parsed text), since evaluation
/// recurses.
package indirect enum Condition: Equatable, Sendable {
    case compare(ConditionOperand, ConditionComparison, ConditionOperand)
    case between(ConditionOperand, lower: ConditionOperand, upper: ConditionOperand)
    case isIn(ConditionOperand, [ConditionOperand])
    case and([Condition])
    case or([Condition])
    case not(Condition)
    case attributeExists(DocumentPath)
    case attributeNotExists(DocumentPath)
    case attributeType(ConditionOperand, AttributeTypeName)
    case beginsWith(ConditionOperand, prefix: ConditionOperand)
    case contains(ConditionOperand, ConditionOperand)
}

package indirect enum ConditionOperand: Equatable, Sendable {
    case value(AttributeValue)
    case path(DocumentPath)
    case size(ConditionOperand)
    /// Whether a condition holds, as a BOOL.
    case condition(Condition)
}

package enum ConditionComparison: String, Equatable, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}
