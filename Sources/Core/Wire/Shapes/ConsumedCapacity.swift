import JSON

/// What a request used of a table's capacity, in the shape the caller asked for.
package struct ConsumedCapacity: Equatable, Sendable {
    /// One index's part.
    package struct IndexPart: Equatable, Sendable {
        package var indexName: String
        package var units: CapacityUnits

        package init(indexName: String, units: CapacityUnits) {
            self.indexName = indexName
            self.units = units
        }
    }

    package var tableName: String
    /// Table and indexes together.
    package var total: CapacityUnits
    /// The table's own part; present in the INDEXES shape only.
    package var table: CapacityUnits?
    package var localIndexes: [IndexPart]
    package var globalIndexes: [IndexPart]

    /// Nil if the caller asked for none.
    package init?(
        _ shape: ReturnConsumedCapacity,
        tableName: String,
        table: CapacityUnits,
        localIndexes: [IndexPart] = [],
        globalIndexes: [IndexPart] = [],
    ) {
        guard shape != .none else { return nil }
        self.tableName = tableName
        total = (localIndexes + globalIndexes).reduce(table) { $0 + $1.units }
        self.table = shape == .indexes ? table : nil
        self.localIndexes = shape == .indexes ? localIndexes : []
        self.globalIndexes = shape == .indexes ? globalIndexes : []
    }
}

extension ConsumedCapacity {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("TableName", tableName)
        writer.member("CapacityUnits", total)
        if let table {
            writer.name("Table")
            writer.beginObject()
            writer.member("CapacityUnits", table)
            writer.endObject()
        }
        Self.write(localIndexes, as: "LocalSecondaryIndexes", to: &writer)
        Self.write(globalIndexes, as: "GlobalSecondaryIndexes", to: &writer)
        writer.endObject()
    }

    private static func write(
        _ parts: [IndexPart],
        as name: StaticString,
        to writer: inout JSONWriter,
    ) {
        guard !parts.isEmpty else { return }
        writer.name(name)
        writer.beginObject()
        for part in parts {
            writer.name(part.indexName)
            writer.beginObject()
            writer.member("CapacityUnits", part.units)
            writer.endObject()
        }
        writer.endObject()
    }
}
