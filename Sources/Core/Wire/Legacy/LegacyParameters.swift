/// Rules between the parameters of a request: those that came before expressions, and expressions.
enum LegacyParameters {
    /// Refuses a request that speaks both languages.
    ///
    /// Both lists are in the order in which the message gives them. `KeyConditions` may stand
    /// beside every expression but its own.
    static func check(
        _ fields: Fields,
        _ legacy: [String],
        expressions: [String],
    ) throws(ServiceError) {
        let given = legacy.filter { name in
            fields[name] != nil
                && (name != "KeyConditions" || fields["KeyConditionExpression"] != nil)
        }
        if given.isEmpty { return }
        let modern = expressions.filter { fields[$0] != nil }
        if modern.isEmpty { return }
        throw mixed(given, modern)
    }

    static func mixed(_ legacy: [String], _ expressions: [String]) -> ServiceError {
        .validation(
            "Can not use both expression and non-expression parameters in the same request: "
                + "Non-expression parameters: {\(legacy.joined(separator: ", "))} "
                + "Expression parameters: {\(expressions.joined(separator: ", "))}"
        )
    }

    /// Refuses a `ConditionalOperator` with nothing to join.
    static func check(
        _ joinedBy: ConditionalOperator?,
        joins name: String,
        of fields: Fields,
    ) throws(ServiceError) {
        guard joinedBy != nil else { return }
        switch try fields.map(name, of: name)?.count ?? 0 {
        case 0:
            throw .validation("ConditionalOperator cannot be used without Filter or Expected")
        case 1:
            throw .validation(
                "ConditionalOperator can only be used when Filter or Expected has two or more "
                    + "elements"
            )
        default: return
        }
    }
}
