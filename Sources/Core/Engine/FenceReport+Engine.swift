import Causality
package import Changes

/// What a region answers about fences, from one snapshot of its store.
extension FenceReport {
    /// Unshipped changes are counted up to here: more than none is what matters.
    private static let unshippedMax: UInt64 = 100_000

    /// `catalog` must not be ahead of the store.
    package init(
        catalog: TableCatalog,
        reading store: any StoreReader,
        wallMilliseconds: UInt64,
    ) throws {
        let applied = try AppliedTimes(reading: store)
        let own = try ClockRow.read(from: store)?.own ?? .zero
        let quarantine = try QuarantineSummary.read(from: store)
        let tables = catalog.all.map { table in
            var vector = applied[table.id]
            vector.raise(catalog.origin, to: own)
            // Of its own earlier incarnations it lacks nothing through their ends, also where a table
            // came later.
            for closed in catalog.closed { vector.raise(closed.origin, to: closed.time) }
            return Standing(
                id: table.id,
                name: table.name,
                replica: Standing.Replica(table.state.phase),
                members: table.description.members,
                seen: quarantine.seen(vector, of: table.id),
            )
        }
        var unshipped: UInt64 = 0
        try store.range(.unshipped, from: [], to: nil, reversed: false) { _, value in
            if try UnshippedRecord(decoding: [UInt8](value)).mergedMilliseconds == 0 {
                unshipped += 1
            }
            return unshipped < FenceReport.unshippedMax
        }
        self.init(
            region: catalog.region,
            wallMilliseconds: wallMilliseconds,
            fences: catalog.fences,
            tables: tables,
            unshipped: unshipped,
        )
    }
}

extension FenceReport.Standing.Replica {
    fileprivate init(_ phase: TableState.Phase) {
        switch phase {
        case .joining: self = .copying
        case .catchingUp, .active: self = .whole
        case .draining: self = .leaving
        case .expelled: self = .expelled
        }
    }
}
