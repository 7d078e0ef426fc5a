package import Items
package import JSON

/// Carries out up to 25 PartiQL statements, each by itself: all of them reads of one item, or all of
/// them writes.
package struct BatchExecuteStatementRequest: Sendable {
    package var statements: [StatementRequest]
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        statements: [StatementRequest],
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.statements = statements
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The answer to `BatchExecuteStatement`.
package struct BatchExecuteStatementResponse: Sendable {
    /// What became of one statement.
    package struct Part: Sendable {
        /// Nil unless the statement got as far as its table.
        package var tableName: String?
        /// What a read found or the RETURNING of a write asked for.
        package var item: ResponseItem?
        package var error: ServiceError?

        package init(
            tableName: String? = nil,
            item: ResponseItem? = nil,
            error: ServiceError? = nil,
        ) {
            self.tableName = tableName
            self.item = item
            self.error = error
        }
    }

    /// One for each statement, in their order.
    package var parts: [Part]
    /// One for each table, in the order of the statements.
    package var consumedCapacity: [ConsumedCapacity]

    package init(parts: [Part], consumedCapacity: [ConsumedCapacity] = []) {
        self.parts = parts
        self.consumedCapacity = consumedCapacity
    }
}

extension BatchExecuteStatementRequest: OperationRequest {
    package typealias Response = BatchExecuteStatementResponse
    package static let operation = OperationName.batchExecuteStatement

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        statements = try checks.statements(
            fields,
            "Statements",
            of: "BatchStatementRequest",
            countMax: StatementLimits.batchStatementsMax,
        )
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        try checks.finish()
    }
}

extension BatchExecuteStatementResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        writer.name("Responses")
        writer.beginArray()
        for part in parts { try part.write(to: &writer) }
        writer.endArray()
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.endObject()
    }
}

extension BatchExecuteStatementResponse.Part {
    fileprivate func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        if let error {
            writer.name("Error")
            writer.beginObject()
            writer.member("Code", error.batchStatementCode)
            writer.member("Message", error.message)
            writer.member("Item", error.item)
            writer.endObject()
        }
        writer.member("TableName", tableName)
        if let item {
            writer.name("Item")
            try item.write(to: &writer)
        }
        writer.endObject()
    }
}

extension ServiceError {
    /// The API's `BatchStatementErrorCodeEnum`.
    fileprivate var batchStatementCode: String {
        switch code {
        case "ConditionalCheckFailedException": "ConditionalCheckFailed"
        case "DuplicateItemException": "DuplicateItem"
        case "ResourceNotFoundException": "ResourceNotFound"
        case "ThrottlingException": "ThrottlingError"
        case Self.provisionedThroughputExceeded: "ProvisionedThroughputExceeded"
        case "InternalServerError": "InternalServerError"
        default: "ValidationError"
        }
    }
}
