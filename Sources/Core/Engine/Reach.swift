package import Causality
package import Changes
import Wire

/// How far a region has come, in one state of it: what tokens are made of and measured against.
///
/// A token is reached for a table when the region's applied vector of that table covers it: then
/// everything the token's maker showed of the table is here, or what overwrote it. Vectors never
/// decrease, so a token once reached stays reached. Some rules follow from what vectors mean:
///
/// - An entry is compared with that of the same incarnation. A closed one stays in the vector with
///   its end, so a token from before a restart is reached once its time is. If the end is below the
///   token's time, files were restored that had lost the write: it is reached if a peer brings the
///   write back, and else never.
/// - A table that is younger here than an incarnation may have no entry for it. Then an entry for a
///   later one of the region says that nothing of the earlier is missing. The present incarnation's own
///   says nothing of that kind: of the earlier ones of its own region nothing is missing through the
///   ends at which they were closed, and beyond only what was lost with files.
///   An incarnation that was lost as a whole, with files that a copy from before it replaced, and of
///   which no peer had heard, looks just the same: its tokens count as reached.
/// - A member whose replica is still being created wrote nothing to the table by the time through which
///   the region holds its descriptions, which would say that it serves.
/// - Regions that are no members of the table do not count: they write nothing to it, and what one
///   wrote before it left, the others held when it went, but for what a region that was removed without
///   its word had shipped to nobody, or one that was started from older files had lost.
package struct Reach {
    private let catalog: TableCatalog
    private let applied: AppliedTimes
    private let own: HybridTime

    init(catalog: TableCatalog, applied: AppliedTimes, own: HybridTime) {
        self.catalog = catalog
        self.applied = applied
        self.own = own
    }

    /// As of a snapshot, which the catalog is not ahead of.
    package init(catalog: TableCatalog, reading store: any StoreReader) throws {
        self.catalog = catalog
        applied = try AppliedTimes(reading: store)
        own = try ClockRow.read(from: store)?.own ?? .zero
    }

    /// A token for all that this state shows.
    package var token: CausalToken {
        var token = CausalToken()
        for table in catalog.all where table.id != .system && table.state.isMerging {
            for entry in applied[table.id].entries { token.include(entry) }
        }
        token.include(VersionVector.Entry(origin: catalog.origin, time: own))
        return token
    }

    /// What is still missing here of what a token asks for, for the first of some tables that lacks
    /// anything; nil if nothing is.
    ///
    /// A table that is not served here is no gap once the region knows all that the token's maker knew
    /// of tables: the operation then says that there is none.
    package func gap(to token: CausalToken, of names: [String]) -> Gap? {
        for name in names {
            if let lack = lack(of: token, name) { return Gap(table: name, lack: lack) }
        }
        return nil
    }

    private func lack(of token: CausalToken, _ name: String) -> Gap.Lack? {
        guard let table = catalog.table(named: name) else {
            let known = applied[.system]
            return firstMissing(token, in: .system) { entry in
                let region = entry.origin.region
                return region == catalog.region || known.time(ofRegion: region) > .zero
            }
        }
        return lack(of: token, in: table)
    }

    /// Whether nothing of what a token asks for is missing here of a table.
    package func reaches(_ token: CausalToken, in table: Table) -> Bool {
        lack(of: token, in: table) == nil
    }

    private func lack(of token: CausalToken, in table: Table) -> Gap.Lack? {
        switch table.state.phase {
        case .joining, .catchingUp: return .joining
        case .draining, .expelled: return nil
        case .active:
            let members = table.description.members
            let described = applied[.system]
            return firstMissing(token, in: table.id) { entry in
                let region = entry.origin.region
                guard region != catalog.region else { return true }
                guard members.contains(region) else { return false }
                let isCreating = table.description.replica(in: region)?.status == .creating
                return !isCreating || described[entry.origin] < entry.time
            }
        }
    }

    private func firstMissing(
        _ token: CausalToken,
        in table: TableID,
        counting isCounted: (VersionVector.Entry) -> Bool,
    ) -> Gap.Lack? {
        var vector = applied[table]
        vector.raise(catalog.origin, to: own)
        for entry in token.entries where isCounted(entry) {
            let held = vector[entry.origin]
            guard held < entry.time else { continue }
            let hasLater = vector.entries.contains {
                $0.origin.region == entry.origin.region && $0.origin > entry.origin
            }
            let isOwn = entry.origin.region == catalog.region
            if held == .zero, isOwn ? isClosed(entry) : hasLater { continue }
            return .behind(entry, held: held, isClosed: hasLater)
        }
        return nil
    }

    private func isClosed(_ entry: VersionVector.Entry) -> Bool {
        catalog.closed.contains { $0.origin == entry.origin && $0.time >= entry.time }
    }

    /// What a region lacks of a table, to be told to the client that waits for it.
    package struct Gap: Equatable, Sendable {
        package enum Lack: Equatable, Sendable {
            /// The replica is still being created here.
            case joining
            /// Of an origin it holds less than is asked for; or, if that is closed, all that is known
            /// to be left.
            case behind(VersionVector.Entry, held: HybridTime, isClosed: Bool)
        }

        package let table: String
        package let lack: Lack
    }
}

extension Reach.Gap: CustomStringConvertible {
    package var description: String {
        switch lack {
        case .joining:
            return "the replica of table \(table) is still being created"
        case .behind(let entry, let held, let isClosed):
            let short = entry.time.milliseconds &- held.milliseconds
            let region = entry.origin.region
            guard held > .zero else { return "table \(table) has no changes of \(region) yet" }
            let end =
                isClosed ? ", and that incarnation has ended: what is missing may be lost" : ""
            return "table \(table) is \(short) ms behind \(region)\(end)"
        }
    }
}

extension RegionEngine {
    /// How far the region has come with the last group that was finished.
    package var reach: Reach { Reach(catalog: catalog, applied: applied, own: own) }

    /// The token for the replies of the group that was just finished, once it is durable: one for all of them.
    package func causalToken() -> CausalToken {
        let version = TokenVersion(applied: applied.version, catalog: catalogVersion)
        if tokenVersion != version {
            tokenOfOthers = Reach(catalog: catalog, applied: applied, own: .zero).token
            tokenVersion = version
        }
        var token = tokenOfOthers
        let isEarly = settings.plantedBugs.contains(.tokenOfCommitBefore)
        token.include(VersionVector.Entry(origin: origin, time: isEarly ? ownBefore : own))
        return token
    }

    /// What a cached token was made of.
    struct TokenVersion: Equatable {
        let applied: UInt64
        let catalog: UInt64
    }
}
