import Causality
package import Changes
import Wire

/// Mending one item on an operator's word: with a version that exists, never with a new stamp.
extension WriteGroup {
    package enum RepairOutcome: String, Sendable {
        /// The version stands here now.
        case stored
        /// What was here stands: it had seen the version, or won against it.
        case kept
    }

    /// - Throws: `PeerRefusal`, and then nothing was changed.
    package func repair(_ request: RepairRequest) throws -> RepairOutcome {
        try settleDescriptions()
        guard let table = engine.catalog[id: request.table], table.id != .system,
            table.state.phase == .active, table.state.resync == nil
        else {
            throw PeerRefusal(.unknownTable, "table \(request.table) is not active here")
        }
        let version = try Version(decoding: request.version)
        if let trouble = engine.trouble(with: version, at: request.key, of: table) {
            throw PeerRefusal(.badRequest, "\(version.stamp) cannot be stored: \(trouble)")
        }
        // Merged by this way it would be beyond what the region says to have, and in no history here.
        guard engine.vector(of: table.id).covers(version.stamp) else {
            throw PeerRefusal(.notCurrent, "\(version.stamp) is on its way to this region")
        }
        guard !isTooFarAhead(version.stamp.time) else {
            throw PeerRefusal(.badRequest, "\(version.stamp) is too far ahead of the clock")
        }
        guard try firstSetAside(request.key, of: table) == nil else {
            throw PeerRefusal(.badRequest, "changes of the item are in quarantine")
        }
        switch request.manner {
        case .merge: return try mergeRepair(version, at: request.key, of: table)
        case .restore(let row): return try restore(version, over: row, at: request.key, of: table)
        }
    }

    /// Most rows that are counted in a transaction of the writer, for whose time writes wait.
    private static let recountRowsMax = 500_000

    /// Has a table's counts and its indexes' be what the rows say.
    ///
    /// - Throws: `PeerRefusal` for a table of too many rows.
    package func recount(_ id: TableID) throws {
        try settleDescriptions()
        guard let table = engine.catalog[id: id], table.state.phase == .active else {
            throw PeerRefusal(.unknownTable, "table \(id) is not active here")
        }
        let audit = DerivedAudit(catalog: engine.catalog, store: store, table: table)
        guard let counted = try audit.counted(rowsMax: WriteGroup.recountRowsMax) else {
            throw PeerRefusal(.badRequest, "\(table.name) has too many rows to be counted at once")
        }
        // Whatever was there, which may be unreadable.
        setCounts(counted.items, of: table.number)
        for (index, counts) in zip(table.indexes, counted.indexes) {
            setCounts(counts, of: index.number)
        }
        engine.notices.append("the counts of table \(table.name) were made anew by an operator")
    }

    private func mergeRepair(
        _ version: Version,
        at key: [UInt8],
        of table: Table,
    ) throws -> RepairOutcome {
        var tally = Tally()
        if let trouble = try merge(version, into: table, at: key, &tally) {
            throw PeerRefusal(.corrupt, "\(version.stamp) was not merged: \(trouble)")
        }
        try settleDescriptions()
        let now = try self.version(of: table, at: key)
        return now?.stamp == version.stamp ? .stored : .kept
    }

    /// Puts a version where the histories show that it belongs and the merge rule does not reach: over
    /// another image of its own stamp, or where the item is absent and its base covers it.
    private func restore(
        _ version: Version,
        over row: [UInt8]?,
        at key: [UInt8],
        of table: Table,
    ) throws -> RepairOutcome {
        let stored = try store.get(.items, table.row(key))
        guard stored == row else {
            throw PeerRefusal(.notCurrent, "the item was written since it was looked at")
        }
        let current = try stored.map { try Version(decoding: $0) }
        guard current.map({ $0.stamp == version.stamp }) ?? true else {
            throw PeerRefusal(.badRequest, "another version is stored: it is to be merged with")
        }
        var restored = version
        restored.ancestry.join(current?.ancestry ?? Ancestry(floor: table.state.base))
        observeMerged(version.stamp.time)
        try replace(current, by: restored, in: table, at: key)
        engine.notices.append("\(version.stamp) of table \(table.name) was restored by an operator")
        return .stored
    }
}
