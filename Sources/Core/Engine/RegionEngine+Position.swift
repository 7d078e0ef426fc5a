package import Causality
package import Changes
import Wire

/// Where this region stands with others, as it tells their links.
extension RegionEngine {
    /// How long a copy may be silent before another source may take it over.
    package static let copySilenceMilliseconds: UInt64 = 10_000

    package func position(for source: String, wallMilliseconds: UInt64) -> LinkPosition {
        var vectors: [(table: TableID, vector: VersionVector)] = []
        var joins: [LinkPosition.Join] = []
        let direct = direct(wallMilliseconds: wallMilliseconds)
        var position = LinkPosition(target: origin, inStep: [], joins: [], direct: direct)
        for table in catalog.all
        where table.state.phase != .expelled && takes(table, from: source) {
            if case .joining(let copy) = table.state.phase {
                if let join = join(table, copy, from: source, wallMilliseconds) {
                    joins.append(join)
                }
            } else {
                let entries = applied[table.id].entries.filter {
                    $0.origin.region == source || position.relays($0.origin.region)
                }
                vectors.append((table.id, VersionVector(entries)))
                if let join = resyncJoin(table, from: source, wallMilliseconds) {
                    joins.append(join)
                }
            }
        }
        position.inStep = LinkPosition.grouped(vectors)
        position.joins = joins
        return position
    }

    /// Whether changes of a table are taken from a region: from any that has a replica and was not
    /// removed, and those of the system table from all.
    func takes(_ table: Table, from source: String) -> Bool {
        if table.id == .system { return true }
        let isFenced =
            table.description.isFenced(source) && !settings.plantedBugs.contains(.removedStillFed)
        return table.description.replica(in: source) != nil && !isFenced
    }

    /// The regions heard of late by links of their own; nil for so long after the start that none
    /// need have been.
    ///
    /// A clock that stepped makes some look silent until their next heartbeat; a change that then
    /// comes twice is refused like any that is repeated.
    private func direct(wallMilliseconds: UInt64) -> [String]? {
        func isLate(_ last: UInt64) -> Bool {
            wallMilliseconds >= last &+ settings.relayAfterMilliseconds || wallMilliseconds < last
        }
        guard isLate(startedMilliseconds) else { return nil }
        // What a region wrote that is being removed comes by relay alone.
        let removed = catalog.all.flatMap { table in
            table.description.removals.map(\.region).filter(table.description.isBeingRemoved)
        }
        return heard.filter { !isLate($0.value) && !removed.contains($0.key) }.keys.sorted()
    }

    /// What to copy from `source`, if it is the one to copy from and the time has come.
    private func join(
        _ table: Table,
        _ copy: TableState.Copy,
        from source: String,
        _ wallMilliseconds: UInt64,
    ) -> LinkPosition.Join? {
        let buggy = settings.plantedBugs.contains(.snapshotFromJoiningMember)
        guard let replica = table.description.replica(in: source),
            replica.status == .active || buggy, allMembersKnow(table, copy.invitation)
        else { return nil }
        if copy.source == source {
            let goesOn = copy.touchedMilliseconds > 0
            return LinkPosition.Join(table: table.id, after: goesOn ? copy.after : nil)
        }
        let isSilent =
            wallMilliseconds > copy.touchedMilliseconds &+ RegionEngine.copySilenceMilliseconds
        guard copy.source == nil || isSilent else { return nil }
        return LinkPosition.Join(table: table.id, after: nil)
    }

    /// Whether every other member is known to hold the record that invited this region, and to have
    /// heard of this region.
    ///
    /// The first keeps members from forgetting deletes that this region lacks. The second lets a
    /// member that never heard of it take the invitation back at once (`neverBegan`): this region
    /// then serves nothing yet, and cannot begin to without learning of the removal.
    package func allMembersKnow(_ table: Table, _ invitation: Stamp) -> Bool {
        if settings.plantedBugs.contains(.copyBeforeMembersKnow) { return true }
        return table.description.members.allSatisfy { member in
            // One that is being removed serves nothing of the table any more.
            guard member != region, !table.description.isBeingRemoved(member) else { return true }
            let known = peers.vector(of: member, for: .system)
            return known.time(ofRegion: region) > .zero
                && (member == invitation.origin.region || known.covers(invitation))
        }
    }
}
