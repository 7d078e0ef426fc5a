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
    /// The tables this region has a replica of, joining and leaving ones included: the system table
    /// first, sorted by id.
    package private(set) var all: [Table] = []
    private var names: [String: TableID] = [:]
    /// The tables that applications may read here, as far as a read of one item needs them, by name.
    private(set) var keyed: [String: KeyedTable] = [:]
    /// The tables that applications may write to here and from whose items little is derived, by name.
    private var plain: [String: PlainTable] = [:] {
        didSet { lastPlain = nil }
    }
    /// The one of them that was asked for last: to hash its name takes a write 300 instructions.
    private var lastPlain: (name: String, table: PlainTable)?
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

    package subscript(id id: TableID) -> Table? {
        let index = position(of: id)
        return index < all.count && all[index].id == id ? all[index] : nil
    }

    /// The local number of a table, which takes no copy of it to say.
    package func number(of id: TableID) -> UInt32? {
        let index = position(of: id)
        return index < all.count && all[index].id == id ? all[index].number : nil
    }

    /// Whether another region may wait for changes to a table: not if it is in this one alone.
    ///
    /// One that is not known here may have gone a moment ago.
    func isForOthers(_ id: TableID) -> Bool {
        let index = position(of: id)
        guard id != .system, index < all.count, all[index].id == id else { return true }
        return all[index].description.replicas.contains { $0.region != region }
    }

    /// What keeps writes out of this region; nil while it takes them.
    package var fence: Fence? { fences.first { $0.region == region } }

    /// What `RegionEngine.plainTable` gives.
    mutating func plainTable(_ name: String) -> PlainTable? {
        if let lastPlain, lastPlain.name == name { return lastPlain.table }
        guard let table = plain[name] else { return nil }
        lastPlain = (name, table)
        return table
    }

    package func table(named name: String) -> Table? {
        names[TableName.name(in: name)].flatMap { self[id: $0] }
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

    mutating func set(_ table: Table) {
        let index = position(of: table.id)
        if index < all.count, all[index].id == table.id {
            all[index] = table
        } else {
            all.insert(table, at: index)
        }
        if table.id != .system { names[table.name] = table.id }
        renewKeyed(position(of: table.id))
    }

    mutating func update(_ id: TableID, _ body: (inout Table) -> Void) {
        let index = position(of: id)
        guard index < all.count, all[index].id == id else { return }
        body(&all[index])
        renewKeyed(index)
    }

    mutating func remove(_ id: TableID) {
        let index = position(of: id)
        guard index < all.count, all[index].id == id else { return }
        let table = all.remove(at: index)
        if names[table.name] == id {
            names[table.name] = nil
            keyed[table.name] = nil
            plain[table.name] = nil
        }
    }

    /// Brings `keyed` and `plain` in line with the table at `index`, of which the number and the schema
    /// stay.
    private mutating func renewKeyed(_ index: Int) {
        let name = all[index].name
        guard names[name] == all[index].id else { return }
        plain[name] = PlainTable(all[index])
        guard case .active = all[index].state.phase else {
            keyed[name] = nil
            return
        }
        if keyed[name]?.number != all[index].number {
            keyed[name] = KeyedTable(number: all[index].number, schema: all[index].schema)
        }
    }

    /// Where a table is, or would go.
    private func position(of id: TableID) -> Int {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].id < id {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
