import JSON

/// Parameters of the API that Meridian does not serve yet: refused, never ignored.
enum Unsupported {
    /// Refuses the parameters that expressions replaced.
    static func refuseLegacy(_ fields: Fields, _ names: [String]) throws(ServiceError) {
        for name in names where fields[name] != nil {
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
