import Expressions
import Items
import Wire

/// Parses the expressions of one request, which share one set of placeholders.
///
/// Needs no table, so that it runs before the store is touched. Call in the service's order
/// (key condition, filter, projection; of `UpdateItem` the condition before the update, of a
/// transaction's update after it), then `finish`.
struct ExpressionReader {
    private var placeholders: Placeholders
    /// Conditions and updates that need no parsing; nil to parse all.
    private let known: ExpressionCache?

    /// `expressions` is what `Placeholders.checkAllowed` takes.
    init(
        names: [(String, String)]?,
        values: [(String, AttributeValue)]? = nil,
        expressions: [(kind: ExpressionKind, isGiven: Bool)],
        known: ExpressionCache? = nil,
    ) throws(ServiceError) {
        self.known = known
        placeholders = try ServiceError.from { () throws(ExpressionError) in
            if names != nil || values != nil {
                try Placeholders.checkAllowed(
                    namesGiven: names != nil,
                    valuesGiven: values != nil,
                    expressions: expressions,
                )
            }
            return try Placeholders(names: names, values: values)
        }
    }

    /// The same for a write of one item, which the service tells less of what is missing.
    init(
        writeNames names: [(String, String)]?,
        values: [(String, AttributeValue)]?,
        expressions: [(kind: ExpressionKind, isGiven: Bool)],
        known: ExpressionCache? = nil,
    ) throws(ServiceError) {
        if values != nil, names == nil, !expressions.contains(where: \.isGiven) {
            throw .validation(
                "ExpressionAttributeValues can only be specified when using expressions"
            )
        }
        try self.init(names: names, values: values, expressions: expressions, known: known)
    }

    mutating func update(_ text: String?) throws(ServiceError) -> UpdateExpression? {
        guard let text else { return nil }
        return try ServiceError.from { () throws(ExpressionError) in
            guard let known else {
                return try UpdateExpression(parsing: text, placeholders: &placeholders)
            }
            return try UpdateExpression(parsing: text, placeholders: &placeholders, known: known)
        }
    }

    mutating func condition(
        _ text: String?,
        kind: ExpressionKind = .condition,
    ) throws(ServiceError) -> ConditionExpression? {
        guard let text else { return nil }
        return try ServiceError.from { () throws(ExpressionError) in
            guard let known, kind == .condition else {
                return try ConditionExpression(
                    parsing: text,
                    kind: kind,
                    placeholders: &placeholders,
                )
            }
            return try ConditionExpression(parsing: text, placeholders: &placeholders, known: known)
        }
    }

    /// The form of a key condition alone; what it may ask is told after all expressions are read.
    mutating func keyCondition(_ text: String?) throws(ServiceError) -> Condition? {
        guard let text else { return nil }
        return try ServiceError.from { () throws(ExpressionError) in
            try KeyConditionExpression.parsed(text, placeholders: &placeholders)
        }
    }

    mutating func projection(_ text: String?) throws(ServiceError) -> ProjectionExpression? {
        guard let text else { return nil }
        return try ServiceError.from { () throws(ExpressionError) in
            try ProjectionExpression(parsing: text, placeholders: &placeholders)
        }
    }

    /// Refuses placeholders that no expression used.
    func finish() throws(ServiceError) {
        try ServiceError.from { () throws(ExpressionError) in try placeholders.checkAllUsed() }
    }
}

extension ServiceError {
    /// An expression's error is the caller's, in the expression's own words.
    static func from<Result>(
        _ body: () throws(ExpressionError) -> Result
    ) throws(ServiceError) -> Result {
        do throws(ExpressionError) {
            return try body()
        } catch {
            throw .validation(error.message)
        }
    }
}
