package import Items
package import JSON

/// Carries out one PartiQL statement: a page of a read, or a write of one item.
package struct ExecuteStatementRequest: Sendable {
    package var statement: StatementRequest
    /// Where a read goes on, as an earlier answer said.
    package var nextToken: String?
    /// The most items to evaluate, at least 1; nil for no limit but the page's size.
    package var limit: Int?
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        statement: StatementRequest,
        nextToken: String? = nil,
        limit: Int? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.statement = statement
        self.nextToken = nextToken
        self.limit = limit
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The answer to `ExecuteStatement`.
package struct ExecuteStatementResponse: Sendable {
    /// What a read found, or what the RETURNING of a write asked for.
    package var items: [ResponseItem]
    /// Nil if there is no more to read.
    package var nextToken: String?
    package var consumedCapacity: ConsumedCapacity?
    /// The key of the last item that was evaluated, if there is a next token.
    package var lastEvaluatedKey: Item?

    package init(
        items: [ResponseItem] = [],
        nextToken: String? = nil,
        consumedCapacity: ConsumedCapacity? = nil,
        lastEvaluatedKey: Item? = nil,
    ) {
        self.items = items
        self.nextToken = nextToken
        self.consumedCapacity = consumedCapacity
        self.lastEvaluatedKey = lastEvaluatedKey
    }
}

extension ExecuteStatementRequest: OperationRequest {
    package typealias Response = ExecuteStatementResponse
    package static let operation = OperationName.executeStatement

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        statement = try checks.statement(fields)
        nextToken = try fields.string("NextToken")
        if let nextToken {
            checks.checkLength(
                nextToken.utf16.count,
                fields.location("NextToken"),
                value: nextToken,
                StatementLimits.nextTokenLengthRange,
            )
        }
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        limit = try checks.integer(fields, "Limit", in: 1...Int(Int32.max))
        if let error = statement.parameterError { checks.note(error) }
        try checks.finish()
    }
}

extension ExecuteStatementResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        try writer.member("Items", items)
        writer.member("NextToken", nextToken)
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.member("LastEvaluatedKey", lastEvaluatedKey)
        writer.endObject()
    }
}
