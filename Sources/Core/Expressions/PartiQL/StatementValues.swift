import Items

/// Makes attribute values of the literals and parameters of a statement.
///
/// Every value is the `root` of its own; messages name what is wrong inside it by the way there:
/// `root.name[2]`.
struct StatementValues {
    private let parameters: [AttributeValue]

    init(_ parameters: [AttributeValue]) {
        self.parameters = parameters
    }

    /// Whether the node stands for a value by itself.
    static func isValue(_ node: StatementNode) -> Bool {
        switch node.kind {
        case .string, .number, .bool, .null, .missing, .parameter, .list, .bag, .tuple: true
        case .path, .call, .sign, .compare, .between, .isIn, .isType, .and, .or, .not, .infix: false
        }
    }

    func value(_ node: StatementNode) throws(ExpressionError) -> AttributeValue {
        if case .parameter(let index) = node.kind {
            guard index < parameters.count else {
                throw ExpressionError(
                    "Number of parameters in request and statement don't match."
                )
            }
            return parameters[index]
        }
        return try value(node, under: "root", level: 1)
    }

    /// The item of an INSERT; each of its attributes is a root.
    func item(_ node: StatementNode) throws(ExpressionError) -> Item {
        guard case .tuple(let entries) = node.kind else {
            throw Self.unsupported(node, under: "root")
        }
        var attributes: [Item.Attribute] = []
        for entry in entries {
            let name = try name(of: entry, under: "root")
            guard name.utf8Count > 0 else {
                throw ExpressionError(
                    "One or more parameter values were invalid: "
                        + "An attribute name must not be empty"
                )
            }
            attributes.append(Item.Attribute(name, try value(entry.value)))
        }
        return Item(attributes)
    }

    private func value(
        _ node: StatementNode,
        under place: String,
        level: Int,
    ) throws(ExpressionError) -> AttributeValue {
        guard level <= AttributeValue.nestingLevelsMax else {
            throw ExpressionError("Nesting Levels have exceeded supported limits under \(place)")
        }
        switch node.kind {
        case .string(let text): return .string(Text(text))
        case .number(let text): return .number(try number(text, under: place))
        case .bool(let value): return .bool(value)
        case .null: return .null
        case .list(let nodes):
            var elements: [AttributeValue] = []
            for (index, node) in nodes.enumerated() {
                elements.append(try value(node, under: "\(place)[\(index)]", level: level + 1))
            }
            return .list(elements)
        case .tuple(let entries):
            var attributes: [Item.Attribute] = []
            for entry in entries {
                let name = try name(of: entry, under: place)
                let inner = "\(place).\(name)"
                let value = try value(entry.value, under: inner, level: level + 1)
                attributes.append(Item.Attribute(name, value))
            }
            return .map(Item(attributes))
        case .bag(let nodes):
            return try set(nodes, under: place)
        case .missing, .parameter, .path, .call, .sign, .compare, .between, .isIn, .isType, .and,
            .or, .not, .infix:
            throw Self.unsupported(node, under: place)
        }
    }

    private func name(
        of entry: StatementNode.Entry,
        under place: String,
    ) throws(ExpressionError) -> Text {
        guard case .string(let name) = entry.name.kind else {
            throw Self.unsupported(entry.name, under: place)
        }
        return Text(name)
    }

    private func number(
        _ text: String,
        under place: String,
    ) throws(ExpressionError) -> DecimalNumber {
        do throws(DecimalError) {
            return try DecimalNumber(parsing: text)
        } catch {
            // The lexer took it for a number, so all that can be wrong with its form is its length.
            let reason = error == .notANumber ? DecimalError.tooManyDigits : error
            throw ExpressionError("\(reason.message(for: text)) under \(place)")
        }
    }

    // MARK: Sets

    private func set(
        _ nodes: [StatementNode],
        under place: String,
    ) throws(ExpressionError) -> AttributeValue {
        guard let first = nodes.first else { throw ExpressionError("Empty bags are not supported") }
        if case .number = first.kind { return try numberSet(nodes, under: place) }
        var texts: [Text] = []
        for node in nodes {
            guard case .string(let text) = node.kind else { throw Self.mixedBag }
            texts.append(Text(text))
        }
        let set = AttributeValue.sortedStringSet(texts)
        guard case .stringSet(let sorted) = set, sorted.count == texts.count else {
            let list = texts.map(\.string).joined(separator: ", ")
            throw ExpressionError(
                "One or more parameter values were invalid: "
                    + "Input collection [\(list)] contains duplicates."
            )
        }
        return set
    }

    private func numberSet(
        _ nodes: [StatementNode],
        under place: String,
    ) throws(ExpressionError) -> AttributeValue {
        var numbers: [DecimalNumber] = []
        var texts: [String] = []
        for node in nodes {
            guard case .number(let text) = node.kind else { throw Self.mixedBag }
            texts.append(text)
            numbers.append(try number(text, under: place))
        }
        let set = AttributeValue.sortedNumberSet(numbers)
        guard case .numberSet(let sorted) = set, sorted.count == numbers.count else {
            throw ExpressionError(
                "One or more parameter values were invalid: Input collection "
                    + "[\(texts.joined(separator: ", "))] contains duplicates! under \(place)"
            )
        }
        return set
    }

    private static let mixedBag = ExpressionError(
        "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
    )

    private static func unsupported(
        _ node: StatementNode,
        under place: String,
    ) -> ExpressionError {
        ExpressionError("Unsupported data type: \(node.name) under key \(place) at \(node.span)")
    }
}

extension StatementNode {
    /// What messages call a node that stands where it may not.
    var name: String {
        switch kind {
        case .parameter: "Parameter"
        case .missing: "MISSING"
        case .path(let path): path.head.string
        case .call(let name, _): name
        case .string, .number, .bool, .null: "Literal"
        case .list, .bag, .tuple: "Seq"
        case .isType: "IsType"
        case .sign, .compare, .between, .isIn, .and, .or, .not, .infix: "NAry"
        }
    }
}
