package import Items
package import JSON

/// Carries out up to 100 PartiQL statements, all of them or none: reads of one item each, or writes
/// and conditions.
package struct ExecuteTransactionRequest: Sendable {
    package var statements: [StatementRequest]
    /// Makes the request one that takes effect once, however often it is sent.
    package var clientRequestToken: String?
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        statements: [StatementRequest],
        clientRequestToken: String? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.statements = statements
        self.clientRequestToken = clientRequestToken
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The answer to `ExecuteTransaction`.
package struct ExecuteTransactionResponse: Sendable {
    /// One for each read, nil if there is no such item; empty after writes.
    package var items: [ResponseItem?]
    /// One for each table, in the order of the statements.
    package var consumedCapacity: [ConsumedCapacity]

    package init(
        items: [ResponseItem?] = [],
        consumedCapacity: [ConsumedCapacity] = [],
    ) {
        self.items = items
        self.consumedCapacity = consumedCapacity
    }
}

extension ExecuteTransactionRequest: OperationRequest {
    package typealias Response = ExecuteTransactionResponse
    package static let operation = OperationName.executeTransaction

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        statements = try checks.statements(
            fields,
            "TransactStatements",
            of: "ParameterizedStatement",
            countMax: TransactionLimits.actionsMax,
        )
        clientRequestToken = try checks.clientRequestToken(fields)
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        for case let error? in statements.map(\.parameterError) { checks.note(error) }
        try checks.finish()
    }
}

extension ExecuteTransactionResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        try writer.responses(items)
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.endObject()
    }
}
