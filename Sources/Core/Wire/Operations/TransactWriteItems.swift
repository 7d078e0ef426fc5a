package import Items
package import JSON

/// Up to 100 writes and checks, in one or more tables, all of them or none.
package struct TransactWriteItemsRequest: Sendable {
    /// In the order of the request.
    package var actions: [TransactWrite]
    /// Makes the request one that takes effect once, however often it is sent.
    package var clientRequestToken: String?
    package var returnConsumedCapacity: ReturnConsumedCapacity
    package var returnItemCollectionMetrics: ReturnItemCollectionMetrics

    package init(
        actions: [TransactWrite],
        clientRequestToken: String? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
        returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none,
    ) {
        self.actions = actions
        self.clientRequestToken = clientRequestToken
        self.returnConsumedCapacity = returnConsumedCapacity
        self.returnItemCollectionMetrics = returnItemCollectionMetrics
    }
}

/// One action of a transaction, on one item.
package struct TransactWrite: Sendable {
    package enum Kind: Equatable, Sendable {
        case put(item: Item)
        /// `expression` is the `UpdateExpression` as written.
        case update(key: Item, expression: String)
        case delete(key: Item)
        /// Writes nothing; its condition is never nil.
        case conditionCheck(key: Item)
    }

    package var tableName: String
    package var kind: Kind
    /// `ConditionExpression` as written.
    package var condition: String?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?
    /// `ExpressionAttributeValues` in the order of the request; nil if absent.
    package var values: [(String, AttributeValue)]?
    package var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure
    /// What is wrong with a value of the action, refused when its turn comes; nil for nothing.
    package var fault: ServiceError?
    /// Whether what is wrong with the action's expressions is told before `fault`.
    package var isFaultLast = false

    package init(
        tableName: String,
        kind: Kind,
        condition: String? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none,
    ) {
        self.tableName = tableName
        self.kind = kind
        self.condition = condition
        self.names = names
        self.values = values
        self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
    }
}

/// The answer to `TransactWriteItems`.
package struct TransactWriteItemsResponse: Sendable {
    /// One for each table, in the order of the request.
    package var consumedCapacity: [ConsumedCapacity]
    package var itemCollectionMetrics: [TableCollections]

    package init(
        consumedCapacity: [ConsumedCapacity] = [],
        itemCollectionMetrics: [TableCollections] = [],
    ) {
        self.consumedCapacity = consumedCapacity
        self.itemCollectionMetrics = itemCollectionMetrics
    }
}

extension TransactWriteItemsRequest: OperationRequest {
    package typealias Response = TransactWriteItemsResponse
    package static let operation = OperationName.transactWriteItems

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let parts = try checks.transactItems(fields, of: "TransactWriteItem")
        clientRequestToken = try checks.clientRequestToken(fields)
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        returnItemCollectionMetrics =
            try checks.choice(fields, "ReturnItemCollectionMetrics") ?? .none
        actions = []
        for part in parts {
            if let action = try TransactWrite(part, &checks) { actions.append(action) }
        }
        try checks.finish()
    }
}

extension TransactWrite {
    /// Nil if it is none or several of the four, which is then noted.
    fileprivate init?(_ part: Fields, _ all: inout Checks) throws(ServiceError) {
        // What was noted before is not this action's fault.
        let noted = all.takeValueError()
        var checks = all
        defer {
            all = checks
            if let noted { all.note(first: noted) }
        }
        var actions: [TransactWrite] = []
        if let check = try part.structure("ConditionCheck") {
            let key = try checks.item(check, "Key")
            _ = try checks.required(check, "ConditionExpression")
            actions.append(try TransactWrite(.conditionCheck(key: key), check, &checks))
        }
        if let put = try part.structure("Put") {
            let item = try checks.item(put, "Item")
            actions.append(try TransactWrite(.put(item: item), put, &checks))
        }
        if let delete = try part.structure("Delete") {
            let key = try checks.item(delete, "Key")
            var action = try TransactWrite(.delete(key: key), delete, &checks)
            action.isFaultLast = action.fault != nil && delete.isKeyReadLate
            actions.append(action)
        }
        if let update = try part.structure("Update") {
            let key = try checks.item(update, "Key")
            let expression = try checks.required(update, "UpdateExpression")
            let kind = Kind.update(key: key, expression: expression)
            actions.append(try TransactWrite(kind, update, &checks))
        }
        guard let action = actions.first else {
            checks.note(.transactionActionMissing)
            return nil
        }
        guard actions.count == 1 else {
            checks.note(.transactionActionAmbiguous)
            return nil
        }
        self = action
    }

    /// What all four kinds of action have.
    private init(
        _ kind: Kind,
        _ part: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        self.kind = kind
        tableName = try checks.actionTableName(part)
        condition = try part.string("ConditionExpression")
        names = try checks.names(part)
        values = try checks.values(part)
        returnValuesOnConditionCheckFailure =
            try checks.choice(part, "ReturnValuesOnConditionCheckFailure") ?? .none
        fault = checks.takeValueError()
    }
}

extension TransactWriteItemsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.member("ItemCollectionMetrics", itemCollectionMetrics)
        writer.endObject()
    }
}
