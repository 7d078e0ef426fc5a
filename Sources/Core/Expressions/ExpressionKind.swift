/// The request parameters that hold expressions, named as messages name them.
package enum ExpressionKind: String, Sendable {
    case condition = "ConditionExpression"
    case filter = "FilterExpression"
    case keyCondition = "KeyConditionExpression"
    case projection = "ProjectionExpression"
    case update = "UpdateExpression"

    /// An error of an expression of this kind: "Invalid UpdateExpression: " and the detail.
    func error(_ detail: String) -> ExpressionError {
        ExpressionError("Invalid \(rawValue): \(detail)")
    }
}
