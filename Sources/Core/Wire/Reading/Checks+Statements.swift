package import Items
import JSON

/// A PartiQL statement as it was sent, with the values for its `?`.
package struct StatementRequest: Sendable {
    /// 1 to 8,192 characters.
    package var text: String
    /// In order; those that are no values are missing.
    package var parameters: [AttributeValue]
    /// The first parameter that is no value.
    ///
    /// In a batch it fails its own statement and no other.
    package var parameterError: ServiceError?
    /// For reads of a batch.
    package var consistentRead: Bool
    package var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure

    package init(
        text: String,
        parameters: [AttributeValue] = [],
        parameterError: ServiceError? = nil,
        consistentRead: Bool = false,
        returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none,
    ) {
        self.text = text
        self.parameters = parameters
        self.parameterError = parameterError
        self.consistentRead = consistentRead
        self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
    }
}

/// The bounds of statements.
enum StatementLimits {
    static let textLengthRange = 1...8192
    static let batchStatementsMax = 25
    static let nextTokenLengthRange = 1...32768
}

extension Checks {
    /// The members that a statement has in all three operations.
    mutating func statement(_ fields: Fields) throws(ServiceError) -> StatementRequest {
        let text = try required(fields, "Statement")
        if fields["Statement"] != nil {
            checkLength(
                text.utf16.count,
                fields.location("Statement"),
                value: text,
                StatementLimits.textLengthRange,
            )
        }
        var statement = StatementRequest(text: text)
        try readParameters(fields, into: &statement)
        statement.consistentRead = try fields.bool("ConsistentRead") ?? false
        statement.returnValuesOnConditionCheckFailure =
            try choice(fields, "ReturnValuesOnConditionCheckFailure") ?? .none
        return statement
    }

    private mutating func readParameters(
        _ fields: Fields,
        into statement: inout StatementRequest,
    ) throws(ServiceError) {
        guard let elements = try fields.list("Parameters") else { return }
        if elements.isEmpty {
            checkLength(0, fields.location("Parameters"), value: "[]", 1...Int.max)
        }
        for element in elements {
            do throws(AttributeValueError) {
                statement.parameters.append(try AttributeValue(json: element))
            } catch {
                if case .serialization = error { throw ServiceError(error) }
                statement.parameterError = statement.parameterError ?? ServiceError(error)
            }
        }
    }

    /// A list of statements: at least one, and no more than `countMax`.
    mutating func statements(
        _ fields: Fields,
        _ name: String,
        of type: String,
        countMax: Int,
    ) throws(ServiceError) -> [StatementRequest] {
        guard let parts = try fields.structures(name, of: type) else {
            violateNotNull(fields.location(name))
            return []
        }
        checkLength(
            parts.count,
            fields.location(name),
            value: parts.isEmpty ? "[]" : "[...]",
            1...countMax,
        )
        var statements: [StatementRequest] = []
        for part in parts.prefix(countMax) { statements.append(try statement(part)) }
        return statements
    }
}
