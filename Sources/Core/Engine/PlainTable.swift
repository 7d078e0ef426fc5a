import Causality
import Changes
import Expressions
import Items
import Wire

/// What a write of one item needs of a table from whose items nothing is derived but counts, the history
/// and a stream.
///
/// A reference, which the catalog makes anew when something of the table changes: to look a `Table` up
/// and to take a copy of it cost each write 2,700 instructions.
final class PlainTable: Sendable {
    let target: PlainTarget
    let schema: TableSchema

    /// Nil for a table that applications may not write to, and for one that has more to keep.
    init?(_ table: Table) {
        guard case .active = table.state.phase, let target = PlainTarget(table),
            target.derived == nil
        else { return nil }
        self.target = target
        schema = table.schema
    }

    /// Appends what `Table.key(ofItem:)` says.
    func appendKey(ofItem item: Item, to row: inout ByteWriter) throws(ServiceError) {
        do throws(ItemKeyError) {
            try ItemKey.append(item, schema: schema, to: &row.bytes)
        } catch {
            throw KeyValidation.itemError(error)
        }
    }

    /// Appends what `Table.key(named:)` says.
    func appendKey(named key: Item, to row: inout ByteWriter) throws(ServiceError) {
        do throws(ItemKeyError) {
            try ItemKey.append(key: key, schema: schema, to: &row.bytes)
        } catch {
            throw KeyValidation.keyError(error)
        }
    }

    /// What `Table.check(condition:)` says of a table without indexes.
    func check(condition: ConditionExpression?) throws(ServiceError) {
        guard let condition else { return }
        try ServiceError.from { () throws(ExpressionError) in
            try condition.checkKeyPaths(of: schema)
        }
    }

    /// What `Table.check(_:)` says of an update, of a table without indexes.
    func check(_ update: UpdateExpression) throws(ServiceError) {
        try ServiceError.from { () throws(ExpressionError) in
            try update.checkNoKeyAttributes(of: schema)
        }
    }
}

/// Where a plain write goes: what it needs of its table, taken out of it.
struct PlainTarget: Sendable {
    let id: TableID
    let number: UInt32
    private let replicas: [TableParts.Replica]
    let base: HybridTime
    /// The number of the stream that takes records; nil without one.
    let stream: UInt32?
    /// The table, where indexes or an order of expiry are derived from its items besides.
    let derived: Table?

    /// Nil for the system's table, and for one whose item collections are measured.
    init?(_ table: Table) {
        guard Self.isPlain(table) else { return nil }
        id = table.id
        number = table.number
        replicas = table.description.replicas
        base = table.state.base
        stream = table.state.stream?.openNumber
        derived = table.indexes.isEmpty && table.state.expiry == nil ? nil : table
    }

    var members: [String] { TableParts.members(of: replicas) }

    static func isPlain(_ table: Table) -> Bool { table.id != .system && !table.hasLocalIndexes }
}

/// The stable times of tables, and again the last one that was asked for, which takes no looking up.
struct StableTimes {
    private var times: [TableID: HybridTime] = [:]
    private var last: (id: TableID, time: HybridTime)?

    mutating func removeAll() {
        times.removeAll(keepingCapacity: true)
        last = nil
    }

    mutating func find(_ id: TableID) -> HybridTime? {
        if let last, last.id == id { return last.time }
        guard let time = times[id] else { return nil }
        last = (id, time)
        return time
    }

    mutating func set(_ id: TableID, _ time: HybridTime) {
        times[id] = time
        last = (id, time)
    }
}
