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

    /// Which of the two kinds of capacity was used: told by transactions only, beside the sum.
    package enum Kind: Equatable, Sendable {
        case read
        case write
    }

    package var tableName: String
    package var kind: Kind?
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
        kind: Kind? = nil,
    ) {
        guard shape != .none else { return nil }
        self.tableName = tableName
        self.kind = kind
        total = (localIndexes + globalIndexes).reduce(table) { $0 + $1.units }
        self.table = shape == .indexes ? table : nil
        self.localIndexes = shape == .indexes ? localIndexes : []
        self.globalIndexes = shape == .indexes ? globalIndexes : []
    }
}

extension ConsumedCapacity {
    /// What counts against the table: all but its global indexes' parts.
    ///
    /// Only of one in the INDEXES shape.
    package var tableUnits: CapacityUnits {
        localIndexes.reduce(table ?? total) { $0 + $1.units }
    }

    /// One in the INDEXES shape cut down to the shape asked for.
    package func told(as shape: ReturnConsumedCapacity) -> ConsumedCapacity? {
        guard let table else { return self }
        return ConsumedCapacity(
            shape,
            tableName: tableName,
            table: table,
            localIndexes: localIndexes,
            globalIndexes: globalIndexes,
            kind: kind,
        )
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("TableName", tableName)
        write(total, to: &writer)
        if let table {
            writer.name("Table")
            writer.beginObject()
            write(table, to: &writer)
            writer.endObject()
        }
        write(localIndexes, as: "LocalSecondaryIndexes", to: &writer)
        write(globalIndexes, as: "GlobalSecondaryIndexes", to: &writer)
        writer.endObject()
    }

    private func write(_ units: CapacityUnits, to writer: inout JSONWriter) {
        writer.member("CapacityUnits", units)
        switch kind {
        case .read: writer.member("ReadCapacityUnits", units)
        case .write: writer.member("WriteCapacityUnits", units)
        case nil: break
        }
    }

    private func write(
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
            write(part.units, to: &writer)
            writer.endObject()
        }
        writer.endObject()
    }
}
