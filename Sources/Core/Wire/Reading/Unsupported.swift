import JSON

/// Parameters of the API that Meridian does not serve yet: refused, never ignored.
enum Unsupported {
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
