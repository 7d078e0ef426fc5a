package import Causality
package import Changes
package import Wire

/// The tables of a region at one moment: a value that readers hold while the writer goes on.
package struct TableCatalog: Sendable {
    package let region: String
    /// The present incarnation.
    package let origin: Origin
    /// Earlier incarnations with their last times, in order.
    package let closed: [VersionVector.Entry]
    /// By id: the tables this region has a replica of, joining and leaving ones included.
    private var tables: [TableID: Table] = [:]
    private var names: [String: TableID] = [:]
    /// Whether the present incarnation's changes are given to others; see `WriteGroup.heard`.
    package internal(set) var servesPresent = true
    /// For each origin, the time through which its history has been trimmed here.
    package internal(set) var trimmed = VersionVector()
    /// The fences that stand in any region, sorted by region; see `WriteGroup.fence`.
    package internal(set) var fences: [Fence] = []

    init(region: String, origin: Origin, closed: [VersionVector.Entry]) {
        self.region = region
        self.origin = origin
        self.closed = closed
    }

    package subscript(id id: TableID) -> Table? { tables[id] }

    /// What keeps writes out of this region; nil while it takes them.
    package var fence: Fence? { fences.first { $0.region == region } }

    package func table(named name: String) -> Table? {
        names[TableName.name(in: name)].flatMap { tables[$0] }
    }

    /// The table, if applications may read it here.
    package func servingTable(_ name: String) throws(ServiceError) -> Table {
        guard let table = table(named: name), table.state.phase == .active else {
            throw .tableNotFound
        }
        return table
    }

    /// The table, if applications may write to it here.
    package func writableTable(_ name: String) throws(ServiceError) -> Table {
        try servingTable(name)
    }

    /// All tables of applications, sorted by name.
    package var named: [Table] {
        names.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .compactMap { table(named: $0) }
    }

    /// All tables, the system table first, sorted by id.
    package var all: [Table] {
        tables.values.sorted { $0.id < $1.id }
    }

    mutating func set(_ table: Table) {
        tables[table.id] = table
        if table.id != .system { names[table.name] = table.id }
    }

    mutating func update(_ id: TableID, _ body: (inout Table) -> Void) {
        guard var table = tables[id] else { return }
        body(&table)
        tables[id] = table
    }

    mutating func remove(_ id: TableID) {
        guard let table = tables.removeValue(forKey: id) else { return }
        if names[table.name] == id { names[table.name] = nil }
    }
}
