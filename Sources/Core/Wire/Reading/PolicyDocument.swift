import JSON

/// What is refused of a policy: what is no JSON, what is no statement, and what lets all in.
extension ResourcePolicy {
    static func check(_ text: String) throws(ServiceError) {
        guard text.utf8.count <= bytesMax else {
            throw .invalidParameters("Maximum policy size of \(bytesMax) bytes exceeded")
        }
        guard let document = try? JSONParser.parse(Array(text.utf8)) else {
            throw .invalidPolicy("This policy contains invalid Json")
        }
        if case .null = document { throw .invalidPolicy("This text appears not to be a policy") }
        guard case .object(let members) = document else {
            throw .invalidPolicy("This policy contains invalid Json")
        }
        guard let statement = members.first(where: { $0.name == "Statement" })?.value else {
            throw .invalidPolicy("Syntax error at position (1,\(text.utf8.count + 1))")
        }
        guard case .array(let statements) = statement else { return try check([statement]) }
        guard !statements.isEmpty else {
            throw .invalidPolicy("Could not parse the policy: Statement is empty!")
        }
        try check(statements)
    }

    private static func check(_ statements: [JSONValue]) throws(ServiceError) {
        var names: Set<String> = []
        for value in statements {
            guard case .object(let members) = value else {
                throw .invalidPolicy("This policy contains invalid Json")
            }
            let statement = PolicyStatement(members: members)
            for choices in PolicyStatement.required where !statement.hasOne(of: choices) {
                throw .invalidPolicy("Missing required field \(choices[0])")
            }
            if case .string(let name)? = statement["Sid"] {
                guard names.insert(name).inserted else {
                    throw .invalidPolicy("The Statement Ids in the policy are not unique")
                }
            }
            guard !statement.isUnbounded else {
                throw .validation(
                    "Resource-based policy grants unbounded access in one or more elements. "
                        + "Please revise the policy to ensure least-privilege form of access"
                )
            }
        }
    }
}

/// One statement of a policy.
private struct PolicyStatement {
    let members: [JSONValue.Member]

    /// One name of each row must be there.
    static let required = [
        ["Effect"], ["Principal", "NotPrincipal"], ["Action", "NotAction"],
        ["Resource", "NotResource"],
    ]

    subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }

    func hasOne(of names: [String]) -> Bool {
        names.contains { self[$0] != nil }
    }

    /// Whether it lets everyone in on no condition.
    var isUnbounded: Bool {
        guard case .string("Allow")? = self["Effect"], self["Condition"] == nil else {
            return false
        }
        if case .object(let kinds)? = self["Principal"] {
            return kinds.contains { $0.name == "AWS" && Self.isEveryone($0.value) }
        }
        return self["Principal"].map(Self.isEveryone) ?? false
    }

    private static func isEveryone(_ principal: JSONValue) -> Bool {
        switch principal {
        case .string(let name): name == "*"
        case .array(let names): names.contains(where: isEveryone)
        default: false
        }
    }
}

extension ServiceError {
    fileprivate static func invalidPolicy(_ detail: String) -> ServiceError {
        invalidParameters("Invalid policy document: \(detail)")
    }
}
