package import Changes
package import Items

/// One table as a region knows it: the replicated description and what only this region knows.
///
/// A value: a catalog hands out copies, so a request sees one state of its table throughout.
package struct Table: Equatable, Sendable {
    package let id: TableID
    /// Short local name, first in the keys of the table's rows; never used twice in one region.
    package let number: UInt32
    package let name: String
    package let schema: TableSchema
    package var description: TableParts
    package var state: TableState

    package init(
        id: TableID,
        number: UInt32,
        name: String,
        schema: TableSchema,
        description: TableParts,
        state: TableState,
    ) {
        self.id = id
        self.number = number
        self.name = name
        self.schema = schema
        self.description = description
        self.state = state
    }

    /// The key of an item's row in `Keyspace.items`.
    package func row(_ key: [UInt8]) -> [UInt8] {
        var row = rowPrefix
        row.reserveCapacity(4 + key.count)
        row.append(contentsOf: key)
        return row
    }

    /// The first four bytes of all the table's rows.
    package var rowPrefix: [UInt8] { Table.rowPrefix(number) }

    /// The first row key after all the table's rows.
    package var rowEnd: [UInt8] { Table.rowPrefix(number + 1) }

    package static let rowPrefixBytes = 4

    package static func rowPrefix(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
    }
}
