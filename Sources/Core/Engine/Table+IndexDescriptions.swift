import Items
import Wire

/// A table's indexes as `DescribeTable` and the operations on tables show them.
extension Table {
    /// `counts` are by the indexes' numbers.
    func localIndexDescriptions(_ counts: [UInt32: TableCounts]) -> [IndexDescription] {
        description.definition.localIndexes.map { index in
            let entry = state.indexes.entry(index.name, id: nil)
            let counts = entry.flatMap { counts[$0.number] } ?? TableCounts()
            return IndexDescription(index: index, sizeBytes: counts.bytes, itemCount: counts.items)
        }
    }

    /// Those of the description, and those that are being removed.
    func globalIndexDescriptions(
        _ counts: [UInt32: TableCounts],
        in region: String,
        now: Int64,
    ) -> [IndexDescription] {
        let parts = description.globalIndexes + state.indexes.deletedParts
        return parts.sorted { $0.order < $1.order }.map {
            described($0, counts, in: region, now: now)
        }
    }

    func described(
        _ part: TableParts.IndexPart,
        _ counts: [UInt32: TableCounts],
        in region: String,
        now: Int64,
    ) -> IndexDescription {
        let entry = state.indexes.entry(part.name, id: part.id)
        let counts = entry.flatMap { counts[$0.number] } ?? TableCounts()
        var global = IndexDescription.Global(
            status: .active,
            throughput: ThroughputDescription(
                description.throughput(of: part, in: region),
                part.changes,
                now: now,
            ),
            onDemand: description.onDemand(of: part, in: region),
            warm: description.warmThroughput(of: part),
        )
        switch entry?.phase {
        case .active: break
        case .building(let through):
            global.status = .creating
            global.isBackfilling = through != nil
        case .deleting, nil:
            let isDescribed = description.globalIndexes.contains { $0.id == part.id }
            global.status = isDescribed ? .creating : .deleting
            global.isBackfilling = isDescribed ? false : nil
        }
        return IndexDescription(
            index: part.definition.index,
            global: global,
            sizeBytes: counts.bytes,
            itemCount: counts.items,
        )
    }
}

extension UpdateTableRequest.IndexAnswers {
    /// The indexes of a table whose description is the new one: those that the request removes are
    /// still shown, and new throughputs not yet.
    func descriptions(
        of table: Table,
        before: Table,
        _ counts: [UInt32: TableCounts],
        in region: String,
        now: Int64,
    ) -> [IndexDescription] {
        let kept = table.description.globalIndexes
        let removed = before.description.globalIndexes.filter { part in
            !kept.contains { $0.id == part.id }
        }
        let parts = kept + removed + table.state.indexes.deletedParts
        return parts.sorted { $0.order < $1.order }.map { part in
            guard let old = updated.first(where: { $0.id == part.id }) else {
                var described = table.described(part, counts, in: region, now: now)
                if limited.contains(part.id) { described.global?.status = .updating }
                if removed.contains(part) {
                    described.global?.status = .deleting
                    described.global?.isBackfilling = nil
                }
                return described
            }
            var described = table.described(old, counts, in: region, now: now)
            described.global?.status = .updating
            return described
        }
    }
}

extension IndexStates {
    /// The descriptions of indexes whose entries are being removed, as they were.
    var deletedParts: [TableParts.IndexPart] {
        entries.compactMap { entry in
            guard case .deleting(let part) = entry.phase, let item = try? Item(decoding: part)
            else {
                return nil
            }
            return TableParts.IndexPart(item)
        }
    }
}
