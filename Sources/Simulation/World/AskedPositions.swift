import Causality
import Changes
import Engine

/// With which positions links asked for the batches that they were given.
struct AskedPositions {
    private struct Batch: Hashable {
        let origin: Origin
        let after: HybridTime
        let through: HybridTime
        let tables: [TableID]

        init(_ header: ChangeBatch.Header) {
            origin = header.origin
            after = header.after
            through = header.through
            tables = header.tables
        }
    }

    /// The tables in step of each question that had the batch for an answer.
    private var questions: [Batch: [[LinkPosition.InStep]]] = [:]

    /// Takes note of a question, less the tables that the source did not serve: it is no active member
    /// of them for whom it relays, has not their whole history, or does not count the target as a member.
    ///
    /// From such a source a transaction comes in halves, as ARCHITECTURE says under what is not
    /// guaranteed: the rest comes from another.
    mutating func note(
        _ position: LinkPosition,
        of header: ChangeBatch.Header,
        givenBy catalog: TableCatalog,
    ) {
        guard header.changes > 0 else { return }
        func isServed(_ id: TableID) -> Bool {
            guard id != .system else { return true }
            guard let table = catalog[id: id], !header.lacks.contains(where: { $0.table == id })
            else { return false }
            let isGiving = header.isRelayed ? table.state.phase == .active : table.state.isFeeding
            return isGiving && table.description.replica(in: position.target.region) != nil
        }
        let inStep = position.inStep.map { group in
            LinkPosition.InStep(tables: group.tables.filter(isServed), vector: group.vector)
        }
        let batch = Batch(header)
        guard questions[batch]?.contains(inStep) != true else { return }
        questions[batch, default: []].append(inStep)
    }

    /// Whether all who were given a batch had asked for two tables as ones that stand at one place.
    func areTogether(_ one: TableID, _ other: TableID, in header: ChangeBatch.Header) -> Bool {
        let all = questions[Batch(header)] ?? []
        return all.allSatisfy { inStep in
            inStep.contains { $0.tables.contains(one) && $0.tables.contains(other) }
        }
    }
}
