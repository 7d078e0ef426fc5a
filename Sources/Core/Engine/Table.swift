package import Changes
package import Items
import Wire

/// One table as a region knows it: the replicated description and what only this region knows.
///
/// A value: a catalog hands out copies, so a request sees one state of its table throughout.
package struct Table: Equatable, Sendable {
    package let id: TableID
    /// Short local name, first in the keys of the table's rows; never used twice in one region.
    package let number: UInt32
    package let name: String
    package let schema: TableSchema
    package var description: TableParts {
        didSet { indexes = Table.indexes(of: self) }
    }
    package var state: TableState {
        didSet {
            if state.indexes != oldValue.indexes { indexes = Table.indexes(of: self) }
        }
    }
    /// What the description and the state together say of indexes, sorted by name; those that are
    /// being removed are not among them.
    ///
    /// Empty for a plain table, which pays no more for indexes than to look here.
    package private(set) var indexes: [TableIndex] = []

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
        indexes = Table.indexes(of: self)
    }

    private static func indexes(of table: Table) -> [TableIndex] {
        let described = table.description.indexes
        guard !described.isEmpty else { return [] }
        let found: [TableIndex] = described.compactMap { definition, id in
            guard let entry = table.state.indexes.entry(definition.name, id: id) else {
                return nil
            }
            return TableIndex(
                number: IndexNumber(table: table.number, number: entry.number),
                definition: definition,
                isLocal: id == nil,
                phase: entry.phase,
                table: table.schema,
            )
        }
        return found.sorted { $0.name < $1.name }
    }

    /// Whether a request means this table by `text`, a name or an ARN.
    package func isCalled(_ text: String) -> Bool {
        name == TableName.name(in: text)
    }

    package func index(named name: String) -> TableIndex? {
        indexes.first { $0.name == name }
    }

    /// Whether the sizes of item collections are kept.
    package var hasLocalIndexes: Bool { !description.definition.localIndexes.isEmpty }

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
