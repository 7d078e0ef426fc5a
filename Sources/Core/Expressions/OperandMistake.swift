import Items

/// What the service says of wrong operands, in conditions and updates alike; who says it puts its own
/// words before.
enum OperandMistake {
    static func wrongType(_ type: AttributeTypeName, of name: String) -> String {
        wrongType(type.rawValue, of: name)
    }

    static func wrongType(_ type: String, of name: String) -> String {
        "Incorrect operand type for operator or function; "
            + "operator or function: \(name), operand type: \(type)"
    }

    static func wrongCount(_ count: Int, of name: String) -> String {
        "Incorrect number of operands for operator or function; "
            + "operator or function: \(name), number of operands: \(count)"
    }

    static func pathNeeded(by name: String) -> String {
        "Operator or function requires a document path; operator or function: \(name)"
    }

    static func misplaced(_ name: String) -> String {
        "The function is not allowed to be used this way in an expression; function: \(name)"
    }

    static func repeated(_ path: DocumentPath, in name: String) -> String {
        "The first operand must be distinct from the remaining operands for this operator "
            + "or function; operator: \(name), first operand: \(path)"
    }

    static func tooManyCandidates(_ count: Int) -> String {
        "The IN operator is provided with too many operands; number of operands: \(count)"
    }

    /// Nil if nothing is wrong with the bounds of a BETWEEN.
    static func bounds(_ low: AttributeValue, _ high: AttributeValue) -> String? {
        let requirement: String
        if AttributeTypeName(of: low) != AttributeTypeName(of: high) {
            requirement = "requires same data type for lower and upper bounds"
        } else if let order = low.order(against: high), order > 0 {
            requirement = "requires upper bound to be greater than or equal to lower bound"
        } else {
            return nil
        }
        return "The BETWEEN operator \(requirement); "
            + "lower bound operand: AttributeValue: \(low.boundDescription), "
            + "upper bound operand: AttributeValue: \(high.boundDescription)"
    }

    /// `valid` lists the types in the order in which the place in question does.
    static func unknownTypeName(_ name: Text, valid: String) -> String {
        "Invalid attribute type name found; type: \(name.string), valid types: {\(valid)}"
    }
}

extension AttributeTypeName {
    /// Whether `<` and BETWEEN know an order of these values.
    var isOrdered: Bool { self == .string || self == .number || self == .binary }
}

extension AttributeValue {
    /// As messages about BETWEEN show it, for the types that have an order.
    fileprivate var boundDescription: String {
        let type = AttributeTypeName(of: self).rawValue
        switch self {
        case .string(let text): return "{\(type):\(text.string)}"
        case .number(let number): return "{\(type):\(number.description)}"
        default: return "{\(type):\(base64 ?? "")}"
        }
    }
}
