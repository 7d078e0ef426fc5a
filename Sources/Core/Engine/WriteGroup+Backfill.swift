import Changes
import Items

/// Building indexes of tables that have items already, and removing the entries of indexes that are
/// gone: chores, a bounded piece at a time, while writes go on.
///
/// The place that a build has reached is stored with the entries that it made, in one transaction,
/// so a build goes on after a crash where it stood. Items up to that place are kept in the index by
/// the writes themselves (`TableIndex.covers`), so none is missed and none entered twice.
extension WriteGroup {
    /// Most bytes of entries that one step of a build writes.
    private static let stepBytesMax = 4 << 20

    func workOnIndexes() throws {
        guard engine.hasIndexWork else { return }
        var left = engine.settings.indexRowsMax
        for table in engine.catalog.all where table.state.indexes.isChanging {
            for entry in table.state.indexes.entries {
                switch entry.phase {
                case .active: continue
                case .building: try build(entry, of: table.id, &left)
                case .deleting: try purge(entry, of: table, &left)
                }
                guard left > 0 else { return }
            }
        }
        engine.hasIndexWork = false
    }

    private func build(
        _ entry: IndexStates.Entry,
        of id: TableID,
        _ left: inout Int,
    ) throws {
        guard let table = engine.catalog[id: id],
            let index = table.indexes.first(where: { $0.number.number == entry.number }),
            case .building(let through) = index.phase
        else { return }
        let step = try nextStep(of: index, in: table, after: through, &left)
        for row in step.rows {
            try put(row.entry, in: index, at: row.key, replacing: nil)
        }
        changeState(id) { state in
            let place = step.last ?? through ?? []
            state.indexes.set(step.isLast ? .active : .building(through: place), of: entry.number)
        }
    }

    private struct Step {
        var rows: [(key: [UInt8], entry: IndexEntry)] = []
        /// The key of the last item looked at; nil if there was none.
        var last: [UInt8]?
        var isLast = true
    }

    private func nextStep(
        of index: TableIndex,
        in table: Table,
        after through: [UInt8]?,
        _ left: inout Int,
    ) throws -> Step {
        var step = Step()
        var bytes = 0
        let from = through.map { table.row($0) + [0] } ?? table.rowPrefix
        try store.range(.items, from: from, to: table.rowEnd, reversed: false) { row, value in
            guard left > 0, bytes < WriteGroup.stepBytesMax else {
                step.isLast = false
                return false
            }
            left -= 1
            let key = [UInt8](row[Table.rowPrefixBytes...])
            let version = try Version(decoding: value)
            if let entry = index.entry(of: try version.item(), version) {
                bytes += entry.image.count
                step.rows.append((key, entry))
            }
            step.last = key
            return true
        }
        if !step.isLast { left = 0 }
        return step
    }

    private func purge(
        _ entry: IndexStates.Entry,
        of table: Table,
        _ left: inout Int,
    ) throws {
        let number = IndexNumber(table: table.number, number: entry.number)
        var last: [UInt8]?
        var isDone = true
        try store.range(
            .indexes,
            from: number.rowPrefix,
            to: number.rowEnd,
            reversed: false,
        ) { row, _ in
            guard left > 0 else {
                isDone = false
                return false
            }
            left -= 1
            last = [UInt8](row)
            return true
        }
        if let last {
            try store.deleteRange(.indexes, from: number.rowPrefix, to: last + [0])
        }
        guard isDone else { return }
        forgetCounts(of: number)
        try store.delete(.meta, MetaKey.counts(of: number))
        changeState(table.id) { $0.indexes.remove(entry.number) }
    }
}
