package import Items
package import JSON

/// Puts and deletes up to 25 items, in one or more tables, each on its own.
package struct BatchWriteItemRequest: Sendable {
    /// In the order of the request, each table once.
    package var tables: [TableWrites]
    package var returnConsumedCapacity: ReturnConsumedCapacity
    package var returnItemCollectionMetrics: ReturnItemCollectionMetrics

    package init(
        tables: [TableWrites],
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
        returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none,
    ) {
        self.tables = tables
        self.returnConsumedCapacity = returnConsumedCapacity
        self.returnItemCollectionMetrics = returnItemCollectionMetrics
    }
}

/// The writes to one table.
package struct TableWrites: Sendable {
    package var tableName: String
    package var writes: [BatchWrite]

    package init(
        tableName: String,
        writes: [BatchWrite],
    ) {
        self.tableName = tableName
        self.writes = writes
    }
}

/// One write of a batch.
package enum BatchWrite: Equatable, Sendable {
    case put(item: Item)
    case delete(key: Item)
}

/// The answer to `BatchWriteItem`.
package struct BatchWriteItemResponse: Sendable {
    package var unprocessed: [TableWrites]
    package var consumedCapacity: [ConsumedCapacity]
    package var itemCollectionMetrics: [TableCollections]

    package init(
        unprocessed: [TableWrites] = [],
        consumedCapacity: [ConsumedCapacity] = [],
        itemCollectionMetrics: [TableCollections] = [],
    ) {
        self.unprocessed = unprocessed
        self.consumedCapacity = consumedCapacity
        self.itemCollectionMetrics = itemCollectionMetrics
    }
}

extension BatchWriteItemRequest: OperationRequest {
    package typealias Response = BatchWriteItemResponse
    package static let operation = OperationName.batchWriteItem

    /// The most writes in a request, all tables together.
    package static let writesMax = 25

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let entries = try checks.requestItems(
            fields,
            of: "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>",
            for: Self.operation,
        )
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        returnItemCollectionMetrics =
            try checks.choice(fields, "ReturnItemCollectionMetrics") ?? .none
        var tables: [TableWrites] = []
        for entry in entries {
            tables.append(try TableWrites(entry, at: fields.location("RequestItems"), &checks))
        }
        self.tables = tables
        try checks.finish()
        guard tables.reduce(0, { $0 + $1.writes.count }) <= Self.writesMax else {
            throw .validation("Too many items requested for the BatchWriteItem call")
        }
    }
}

extension TableWrites {
    fileprivate init(
        _ entry: BatchEntry,
        at location: String,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        tableName = entry.tableName
        writes = []
        let requests = try Fields.list(entry.value)
        guard (1...BatchWriteItemRequest.writesMax).contains(requests.count) else {
            checks.violate(
                location,
                value: BatchEcho.writes(requests, of: entry.tableName),
                "Map value must satisfy constraint: [Member must have length less than or equal to "
                    + "\(BatchWriteItemRequest.writesMax), "
                    + "Member must have length greater than or equal to 1]",
            )
            return
        }
        for (index, request) in requests.enumerated() {
            let path = "\(entry.location).\(index + 1).member."
            let part = try Fields(request, type: "WriteRequest", path: path)
            if let write = try BatchWrite(part, &checks) { writes.append(write) }
        }
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for write in writes {
            writer.beginObject()
            switch write {
            case .put(let item):
                writer.name("PutRequest")
                writer.beginObject()
                writer.member("Item", item)
            case .delete(let key):
                writer.name("DeleteRequest")
                writer.beginObject()
                writer.member("Key", key)
            }
            writer.endObject()
            writer.endObject()
        }
        writer.endArray()
    }
}

extension BatchWrite {
    /// Nil if it is neither or both, which is then noted.
    fileprivate init?(_ part: Fields, _ checks: inout Checks) throws(ServiceError) {
        let put = try part.structure("PutRequest")
        let delete = try part.structure("DeleteRequest")
        switch (put, delete) {
        case (let put?, nil): self = .put(item: try checks.item(put, "Item"))
        case (nil, let delete?): self = .delete(key: try checks.item(delete, "Key"))
        default:
            // The service's words are those for an attribute value.
            let fault = put == nil ? "is empty" : "has more than one datatypes set"
            checks.note(
                .validation(
                    "Supplied AttributeValue \(fault), "
                        + "must contain exactly one of the supported datatypes"
                )
            )
            return nil
        }
    }
}

extension BatchWriteItemResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("UnprocessedItems")
        writer.beginObject()
        for table in unprocessed {
            writer.name(table.tableName)
            table.write(to: &writer)
        }
        writer.endObject()
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.member("ItemCollectionMetrics", itemCollectionMetrics)
        writer.endObject()
    }
}
