import Causality
import Changes

/// What a feed serves next: a stretch of one origin's history.
///
/// **Origins.** A region gives its own incarnations to everybody, and those of another region to a
/// target that does not hear from that region itself (`LinkPosition.relays`): what came from a
/// region that is lost or cut off goes on from whoever has it. A target's own closed incarnations are
/// given to it always, so a region that was started from an older copy of its files gets back what
/// it has lost.
///
/// **Invariants.**
/// - The stretch of a relayed origin ends at this region's *applied entry* for it, from the same
///   snapshot as the changes: the region holds everything up to there, and knows of nothing beyond.
/// - An origin is given only from where its history is whole here (`wholeFrom`, `trimmed`): a target
///   that stands before that is told so, and brought up by a copy (`WriteGroup+Resync.swift`). And
///   another region's only for tables of which this region is an active member. Of a region's
///   incarnations a target gets the earliest that it lacks something of, or none: a later one would
///   be refused without it (`ChangeBatch.predecessor`).
/// - A relayed batch is never complete and claims nothing: only its origin's region knows what it
///   wrote last.
extension Feed {
    /// Changes of one origin to some tables, after `after` through `end`.
    struct Stretch {
        var origin: Origin
        /// For a stretch from the origin's beginning only: later the target holds it for sure.
        var predecessor: VersionVector.Entry?
        var tables: [TableID]
        var after: HybridTime
        var end: HybridTime
        /// Whether nothing is left behind it, of these tables or others: it ends at the own entry.
        var isToOwnEnd: Bool

        /// About when its first change may have been made: what is older is served first, so that
        /// neither the own changes nor relayed ones wait for the others to end.
        var age: HybridTime {
            max(after, HybridTime(milliseconds: origin.startMilliseconds))
        }

        /// Through which time it has no change, as far as that is known from what was found earlier: a
        /// complete batch has all that the own history ever gets through its end (`Feed`).
        func emptyThrough(by given: ChangeBatch.Header?) -> HybridTime {
            guard let given, given.isComplete, given.changes == 0, given.origin == origin,
                given.after == after, given.tables == tables
            else { return after }
            return max(given.through, after)
        }
    }

    /// The oldest of the regions' next stretches; the own one where two are equally old.
    ///
    /// What is not whole here from where the target stands goes to `lacks`.
    func nextStretch(
        after position: LinkPosition,
        _ lacks: inout [ChangeBatch.Lack],
    ) throws -> Stretch? {
        let own = try nextStretch(of: catalog.region, after: position, &lacks)
        guard var best = own else { return try nextRelayed(after: position, &lacks) }
        if let relayed = try nextRelayed(after: position, &lacks), relayed.age < best.age {
            best = relayed
        }
        return best
    }

    private func nextRelayed(
        after position: LinkPosition,
        _ lacks: inout [ChangeBatch.Lack],
    ) throws -> Stretch? {
        var best: Stretch?
        for region in relayedRegions(to: position) {
            guard let next = try nextStretch(of: region, after: position, &lacks) else { continue }
            if best.map({ next.age < $0.age }) ?? true { best = next }
        }
        return best
    }

    /// The regions of which something may be relayed to the target, sorted.
    private func relayedRegions(to position: LinkPosition) -> [String] {
        var regions: [String] = []
        for group in position.inStep {
            for table in group.tables {
                for entry in applied[table].entries {
                    let region = entry.origin.region
                    guard region != catalog.region, position.relays(region),
                        !regions.contains(region)
                    else { continue }
                    regions.append(region)
                }
            }
        }
        return regions.sorted()
    }

    /// The earliest stretch of a region's history, of all tables that stand at its beginning.
    ///
    /// It ends where the first of them ends here, which may differ for a relayed one, and where the
    /// next tables stand, so that the ones behind come into step with them. Fed to
    /// its end instead, it would pass them: both groups would then leapfrog for as long as there are
    /// writes, and the one that happens to be behind, often without a change, would hold up the
    /// other until the next heartbeat.
    private func nextStretch(
        of region: String,
        after position: LinkPosition,
        _ lacks: inout [ChangeBatch.Lack],
    ) throws -> Stretch? {
        let stretches = try stretches(of: region, after: position, &lacks)
        let first = stretches.min {
            ($0.origin, $0.after) < ($1.origin, $1.after)
        }
        guard var best = first else { return nil }
        best.tables = []
        for next in stretches where next.origin == best.origin {
            if next.after == best.after, next.predecessor == best.predecessor {
                best.tables += next.tables
                best.end = min(best.end, next.end)
            } else {
                best.end = next.after > best.after ? min(best.end, next.after) : best.end
                best.isToOwnEnd = false
            }
        }
        best.tables.sort()
        return best
    }

    private func stretches(
        of region: String,
        after position: LinkPosition,
        _ lacks: inout [ChangeBatch.Lack],
    ) throws -> [Stretch] {
        var stretches: [Stretch] = []
        for group in position.inStep {
            for id in group.tables {
                guard let table = catalog[id: id], isServed(table, of: region) else { continue }
                let isMember = table.description.replica(in: position.target.region) != nil
                guard isMember || id == .system else { continue }
                let next = try next(of: region, table, position, holding: group.vector, &lacks)
                if let next { stretches.append(next) }
            }
        }
        return stretches
    }

    private func isServed(_ table: Table, of region: String) -> Bool {
        if table.id == .system || region == catalog.region && table.state.isFeeding { return true }
        return table.state.phase == .active
    }

    /// Of one region's incarnations, in the order of their names, the first that the target lacks
    /// something of; nil as well where that is not whole here.
    private func next(
        of region: String,
        _ table: Table,
        _ position: LinkPosition,
        holding target: VersionVector,
        _ lacks: inout [ChangeBatch.Lack],
    ) throws -> Stretch? {
        var predecessor: VersionVector.Entry?
        for entry in known(of: region, table) where entry.origin != position.target {
            let isIgnored =
                bugs.contains(.closedIncarnationIgnored) && region == catalog.region
                && entry.origin != catalog.origin
            guard target[entry.origin] < entry.time, !isIgnored else {
                predecessor = entry
                continue
            }
            guard let floor = try floor(of: entry.origin, table) else { return nil }
            let after = target[entry.origin]
            if after < floor, !bugs.contains(.relayNotWhole) || region == catalog.region {
                guard table.id == .system else {
                    lacks.append(.init(table: table.id, origin: entry.origin, floor: floor))
                    return nil
                }
                guard region == catalog.region else { return nil }
                throw PeerRefusal(
                    .resync,
                    "the history of \(entry.origin) for table \(table.id) is whole from \(floor) "
                        + "only",
                )
            }
            return Stretch(
                origin: entry.origin,
                predecessor: after == .zero ? predecessor : nil,
                tables: [table.id],
                after: after,
                end: entry.time,
                isToOwnEnd: entry.origin == catalog.origin,
            )
        }
        return nil
    }

    /// A region's incarnations as far as this region holds them, the earliest first.
    private func known(of region: String, _ table: Table) -> [VersionVector.Entry] {
        var entries = applied[table.id].entries.filter {
            $0.origin.region == region && $0.origin != catalog.origin
        }
        if region == catalog.region, catalog.servesPresent {
            entries.append(VersionVector.Entry(origin: catalog.origin, time: own))
        }
        return entries
    }

    /// The time from which an origin's history of a table is whole here; nil if the table is not
    /// here any more.
    ///
    /// As the snapshot says: the catalog may be older, and a copy may have ended since that moved the
    /// applied vector past changes that are in no history here.
    private func floor(of origin: Origin, _ table: Table) throws -> HybridTime? {
        guard let row = try store.get(.tables, TableKey.key(table.id)) else { return nil }
        let state = try TableState(decoding: row)
        guard state.number == table.number else { return nil }
        let trimmed = trimmed[origin]
        // What it wrote itself before it took the table up is no loss to the table. Of others' clocks
        // `began` says nothing.
        let isBefore = origin.region == catalog.region && trimmed <= state.began
        return max(state.wholeFrom[origin], isBefore ? .zero : trimmed)
    }
}
