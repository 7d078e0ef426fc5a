import JSON

/// Parameters of the API that Meridian does not serve yet: refused, never ignored.
enum Unsupported {
    private static let expressions = [
        "UpdateExpression", "ConditionExpression", "ProjectionExpression", "FilterExpression",
        "KeyConditionExpression",
    ]

    /// Refuses the parameters that expressions replaced; beside an expression, in the API's words.
    static func refuseLegacy(_ fields: Fields, _ names: [String]) throws(ServiceError) {
        let legacy = names.filter { fields[$0] != nil }
        let modern = expressions.filter { fields[$0] != nil }
        guard legacy.isEmpty || modern.isEmpty else {
            throw .validation(
                "Can not use both expression and non-expression parameters in the same request: "
                    + "Non-expression parameters: {\(legacy.joined(separator: ", "))} "
                    + "Expression parameters: {\(modern.joined(separator: ", "))}"
            )
        }
        for name in legacy {
            throw .invalidParameters(
                "The legacy parameter \(name) is not supported yet; use expressions"
            )
        }
    }

    /// Refuses each of `names` that is present, unless it is an empty list.
    static func refuse(_ fields: Fields, _ names: [String]) throws(ServiceError) {
        for name in names {
            switch fields[name] {
            case nil, .array([]): continue
            default: throw notSupported(fields.path + name)
            }
        }
    }

    static func notSupported(_ what: String) -> ServiceError {
        .invalidParameters("\(what) is not supported yet")
    }
}
