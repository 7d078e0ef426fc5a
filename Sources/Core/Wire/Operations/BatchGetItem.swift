package import Items
package import JSON

/// Reads up to 100 items by their keys, from one or more tables.
package struct BatchGetItemRequest: Sendable {
    /// In the order of the request, each table once.
    package var tables: [TableKeys]
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        tables: [TableKeys],
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.tables = tables
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The keys to read from one table.
package struct TableKeys: Sendable {
    package var tableName: String
    package var keys: [Item]
    package var consistentRead: Bool
    /// `ProjectionExpression` as written.
    package var projection: String?
    /// `AttributesToGet`, which stand where a `ProjectionExpression` can.
    package var attributesToGet: [Text]?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?

    package init(
        tableName: String,
        keys: [Item],
        consistentRead: Bool = false,
        projection: String? = nil,
        attributesToGet: [Text]? = nil,
        names: [(String, String)]? = nil,
    ) {
        self.tableName = tableName
        self.keys = keys
        self.consistentRead = consistentRead
        self.projection = projection
        self.attributesToGet = attributesToGet
        self.names = names
    }
}

/// The answer to `BatchGetItem`.
package struct BatchGetItemResponse: Sendable {
    /// Every table of the request, in its order.
    package var tables: [TableItems]
    /// What did not fit into the response's 16 MB.
    package var unprocessed: [TableKeys]
    package var consumedCapacity: [ConsumedCapacity]

    package init(
        tables: [TableItems],
        unprocessed: [TableKeys] = [],
        consumedCapacity: [ConsumedCapacity] = [],
    ) {
        self.tables = tables
        self.unprocessed = unprocessed
        self.consumedCapacity = consumedCapacity
    }
}

/// The items found in one table; those that do not exist are left out.
package struct TableItems: Sendable {
    package var tableName: String
    package var items: [ResponseItem]

    package init(
        tableName: String,
        items: [ResponseItem],
    ) {
        self.tableName = tableName
        self.items = items
    }
}

extension BatchGetItemRequest: OperationRequest {
    package typealias Response = BatchGetItemResponse
    package static let operation = OperationName.batchGetItem

    /// What is wrong if one table's part has an expression and another's what came before them.
    private static func mixed(_ parts: [Fields]) -> ServiceError? {
        let given = ["AttributesToGet", "ProjectionExpression"].map { name in
            parts.contains { $0[name] != nil }
        }
        return given == [true, true]
            ? LegacyParameters.mixed(["AttributesToGet"], ["ProjectionExpression"]) : nil
    }

    /// The most keys in a request, all tables together.
    package static let keysMax = 100

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks(.newer)
        let entries = try checks.requestItems(
            fields,
            of: "KeysAndAttributes",
            for: Self.operation,
        )
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        var tables: [TableKeys] = []
        var parts: [Fields] = []
        for entry in entries {
            let path = entry.location + "."
            let part = try Fields(entry.value, type: "KeysAndAttributes", path: path)
            tables.append(try TableKeys(part, tableName: entry.tableName, &checks))
            parts.append(part)
        }
        let mixed = Self.mixed(parts)
        self.tables = tables
        try checks.finishConstraints()
        for part in parts {
            try LegacyParameters.check(
                part,
                ["AttributesToGet"],
                expressions: ["ProjectionExpression"],
            )
        }
        if let mixed { throw mixed }
        try checks.finishValues()
        guard tables.reduce(0, { $0 + $1.keys.count }) <= Self.keysMax else {
            throw .validation("Too many items requested for the BatchGetItem call")
        }
        for table in tables { try KeyValidation.checkDistinct(table.keys) }
    }
}

extension TableKeys {
    fileprivate init(
        _ part: Fields,
        tableName: String,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        self.tableName = tableName
        consistentRead = try part.bool("ConsistentRead") ?? false
        projection = try part.string("ProjectionExpression")
        attributesToGet = try checks.attributesToGet(part)
        names = try checks.names(part)
        keys = []
        guard let keys = try part.list("Keys") else {
            checks.violateNotNull(part.location("Keys"))
            return
        }
        if keys.isEmpty || keys.count > BatchGetItemRequest.keysMax {
            let bound = keys.isEmpty ? "greater" : "less"
            let length = keys.isEmpty ? 1 : BatchGetItemRequest.keysMax
            checks.violateNewly(
                "RequestItems.\(tableName).member.Keys",
                "Member must have length \(bound) than or equal to \(length)",
            )
        }
        for key in keys.prefix(BatchGetItemRequest.keysMax) {
            self.keys.append(try checks.item(key))
        }
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("Keys")
        writer.beginArray()
        for key in keys { key.write(to: &writer) }
        writer.endArray()
        if consistentRead { writer.member("ConsistentRead", true) }
        writer.member("ProjectionExpression", projection)
        if let attributesToGet {
            writer.name("AttributesToGet")
            writer.beginArray()
            for name in attributesToGet { writer.string(name.string) }
            writer.endArray()
        }
        if let names {
            writer.name("ExpressionAttributeNames")
            writer.beginObject()
            for (name, attribute) in names {
                writer.name(name)
                writer.string(attribute)
            }
            writer.endObject()
        }
        writer.endObject()
    }
}

extension BatchGetItemResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        writer.name("Responses")
        writer.beginObject()
        for table in tables {
            writer.name(table.tableName)
            try writer.array(table.items)
        }
        writer.endObject()
        writer.name("UnprocessedKeys")
        writer.beginObject()
        for table in unprocessed {
            writer.name(table.tableName)
            table.write(to: &writer)
        }
        writer.endObject()
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.endObject()
    }
}
