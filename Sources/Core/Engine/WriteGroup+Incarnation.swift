import Causality
package import Changes
import Wire

/// How a new incarnation begins: it takes writes at once, and shows them to others once it has heard
/// its peers.
///
/// **Problem.** The files may be an older copy. Then peers hold changes of this region that it does
/// not know of, and take the latest entry of a region for all its earlier ones
/// (`ChangeBatch.predecessor`). A change of the new incarnation that reached one peer before the lost
/// ones would make that peer's stable time run ahead of what still comes.
///
/// **Idea.** Every question for this region's changes says what the asking target holds of them. Until
/// each peer has asked so, and holds nothing that this region lacks, the feed gives closed
/// incarnations only. What peers hold beyond comes back meanwhile by relay.
///
/// An older copy also knows of fewer members than there are. Until each peer has given its
/// descriptions anew, stable times are taken for zero: no floor is raised, no tombstone forgotten.
///
/// **Bound.** A peer that cannot be reached must not hold the others back for ever: after
/// `hearingMilliseconds` without a change coming back, the region goes on without it.
extension WriteGroup {
    /// A target has asked for this region's changes.
    package func heard(_ position: LinkPosition) {
        guard !engine.catalog.servesPresent else { return }
        let target = position.target.region
        // Of regions that nobody knows any number may ask.
        guard engine.hearingPeers.contains(target) else { return }
        engine.hearing.positions[target] = position.inStep
        showIfHeard()
    }

    /// A peer has given all it wrote of some tables.
    func noteComplete(_ header: ChangeBatch.Header) {
        guard engine.hearing.isStale, header.tables.contains(.system) else { return }
        engine.hearing.described.insert(header.source.region)
    }

    /// Shows the present incarnation's changes to others, and counts on the members it knows, if it
    /// is time.
    func showIfHeard() {
        guard !engine.catalog.servesPresent || engine.hearing.isStale else { return }
        // A clock that steps back makes the wait longer, by no more than the bound.
        let since = min(engine.hearing.sinceMilliseconds, wallMilliseconds)
        engine.hearing.sinceMilliseconds = since
        let isOver = wallMilliseconds - since >= engine.settings.hearingMilliseconds
        if isOver || engine.hearing.described.isSuperset(of: engine.hearingPeers) {
            engine.hearing.isStale = false
            engine.stableTimes.removeAll()
        }
        guard !engine.catalog.servesPresent, isOver || engine.hasHeardAll else { return }
        engine.catalog.servesPresent = true
        engine.catalogChanged()
        if engine.hearing.recovered > 0 {
            engine.notices.append(
                "peers gave back \(engine.hearing.recovered) writes that these files did not hold"
            )
        }
        engine.hearing.positions = [:]
    }

    /// Takes note of changes of this region's own that came back from a peer.
    func noteRecovered(_ tally: Tally, _ header: ChangeBatch.Header) throws {
        guard header.origin.region == engine.region else { return }
        engine.hearing.sinceMilliseconds = wallMilliseconds
        engine.hearing.recovered += tally.received
        if tally.received > 0 {
            let before = try RecoveredRow.read(from: store)
            let row = RecoveredRow(
                changes: (before?.changes ?? 0) + tally.received,
                through: max(before?.through ?? .zero, header.through),
                milliseconds: wallMilliseconds,
            )
            try store.put(.meta, MetaKey.recovered, row.encoded())
            if engine.catalog.servesPresent {
                engine.notices.append(
                    "peers gave back \(tally.received) writes that these files did not hold"
                )
            }
        }
        showIfHeard()
    }
}

extension RegionEngine {
    /// What a new incarnation knows of its peers before it shows its changes.
    struct Hearing {
        /// What each peer said it holds of this region's origins.
        var positions: [String: [LinkPosition.InStep]] = [:]
        /// When it started, or last got something back, by the wall clock.
        var sinceMilliseconds: UInt64
        /// The peers that have given all their descriptions since the start.
        var described: Set<String> = []
        /// Whether the members of tables may be fewer here than they are: nothing is forgotten then,
        /// and no floor raised.
        var isStale = false
        /// How many changes came back since the start.
        var recovered: UInt64 = 0
    }

    /// The regions known, sorted: what they have seen of earlier incarnations matters, also if these
    /// files do not know of the tables yet that they share.
    var hearingPeers: [String] {
        var regions = Set(applied[.system].entries.map(\.origin.region))
        for table in catalog.all { regions.formUnion(table.description.members) }
        regions.remove(region)
        return regions.sorted()
    }

    /// Whether all peers have asked, and none holds something of this region that it lacks.
    var hasHeardAll: Bool {
        hearingPeers.allSatisfy { peer in
            hearing.positions[peer]?.allSatisfy(holds) ?? false
        }
    }

    private func holds(_ group: LinkPosition.InStep) -> Bool {
        let entries = group.vector.entries.filter { $0.origin.region == region }
        return group.tables.allSatisfy { id in
            guard let table = catalog[id: id], table.state.isMerging else { return true }
            return entries.allSatisfy { $0.origin == origin || applied[id][$0.origin] >= $0.time }
        }
    }
}
