package import Causality
package import Changes

/// Whether a fenced region can be done without: what each other region proves to have of it, and what
/// is still lacking.
///
/// **The rule.** The fence says the region's vectors when it took no more writes: its own changes and
/// all it had merged of others. A region's answer is durable and never goes back, so one look at each
/// is enough, whenever that was. The region is drained when
///
/// - every member of each of its tables has merged all that the vector says. A member whose rows are
///   still being copied answers for nothing, nor does one for what it has in quarantine;
/// - every region has all the descriptions of tables that it had;
/// - each of its tables is whole somewhere else;
/// - it holds nothing that was never shipped to anybody.
///
/// Members are those that the fence names and those that anybody names now. One of them that has no
/// such table, but has all the descriptions, has left it since, or the table is deleted.
///
/// A region that does not answer proves nothing: it is lacking, unless the operator goes on without
/// it. What it lacks then, it gets from the others. A table that no other region has is lacking, unless
/// the operator gives it up.
package struct Drain: Equatable, Sendable {
    package struct Proof: Equatable, Sendable {
        package let table: String
        package let region: String
        package let required: VersionVector
        package let held: VersionVector
    }

    package struct Lack: Equatable, Sendable {
        package enum Kind: Equatable, Sendable {
            /// The regions' own entries that are not covered yet, with what is held of each.
            case behind([Gap])
            case copying
            /// It is a member and does not know the table yet.
            case unaware
            case silent(String)
            /// No other region has the table.
            case nowhereElse
            /// The region was removed from the table and sets aside what it shipped to nobody.
            case expelled
            /// So many changes were shipped to nobody, and are nowhere else.
            case unshipped(UInt64)
        }

        package struct Gap: Equatable, Sendable {
            package let origin: Origin
            package let required: HybridTime
            package let held: HybridTime
        }

        /// The region that lacks something; the fenced one itself where it is the only one to have it.
        package let region: String
        /// Nil for what is not about one table.
        package let table: String?
        package let kind: Kind
    }

    /// Sorted by table, then by region.
    package private(set) var proofs: [Proof] = []
    /// What keeps the region from being drained; empty once it is.
    package private(set) var lacks: [Lack] = []

    package var isDone: Bool { lacks.isEmpty }

    private let fence: Fence
    private let answers: RegionAnswers
    private let without: Set<String>

    /// `answers` are those of all regions, the fenced one included; `without` names regions that need
    /// not answer, `givenUp` tables that may be lost.
    package init(
        of fence: Fence,
        _ answers: RegionAnswers,
        without: Set<String> = [],
        givenUp: Set<String> = [],
    ) {
        self.fence = fence
        self.answers = answers
        self.without = without
        for region in answers.keys.sorted() where region != fence.region {
            guard case .silent(let reason) = answers[region] else { continue }
            add(region, nil, .silent(reason))
        }
        checkFencedRegion(givenUp)
        for table in fence.tables where !givenUp.contains(table.name) || table.id == .system {
            check(table)
        }
    }

    private mutating func add(_ region: String, _ table: String?, _ kind: Lack.Kind) {
        guard !without.contains(region) else { return }
        let lack = Lack(region: region, table: table, kind: kind)
        if !lacks.contains(lack) { lacks.append(lack) }
    }

    /// What only the region itself can tell; if it is gone, so is what it shipped to nobody.
    private mutating func checkFencedRegion(_ givenUp: Set<String>) {
        guard let own = answers[fence.region]?.report else { return }
        if own.unshipped > 0 { add(own.region, nil, .unshipped(own.unshipped)) }
        for table in own.tables where table.replica == .expelled && !givenUp.contains(table.name) {
            add(own.region, table.name, .expelled)
        }
    }

    private mutating func check(_ table: Fence.Table) {
        let own = answers[fence.region]?.report
        // It has left the table since, or the table is deleted: the others held all before.
        if let own, own.standing(table.id) == nil { return }
        var isHeld = false
        var isOpen = false
        for member in members(of: table) {
            let before = lacks.count
            switch answers[member] {
            case .report(let report): isHeld = check(table, report) || isHeld
            case .silent: break
            case nil: add(member, nil, .silent("it is not among the regions of the settings"))
            }
            isOpen = isOpen || lacks.count > before || isMissed(member)
        }
        if !isHeld, !isOpen { add(fence.region, table.name, .nowhereElse) }
    }

    /// Whether the evacuation waits for a region that says nothing.
    private func isMissed(_ region: String) -> Bool {
        answers[region]?.report == nil && !without.contains(region)
    }

    private func members(of table: Fence.Table) -> [String] {
        guard table.id != .system else {
            return answers.keys.filter { $0 != fence.region }.sorted()
        }
        var members = Set(table.members)
        for answer in answers.values {
            if let standing = answer.report?.standing(table.id) {
                members.formUnion(standing.members)
            }
        }
        members.remove(fence.region)
        return members.sorted()
    }

    /// - Returns: whether the region has all of the table, and keeps it.
    private mutating func check(_ table: Fence.Table, _ report: FenceReport) -> Bool {
        guard let standing = report.standing(table.id) else {
            if !hasDescriptions(report) { add(report.region, table.name, .unaware) }
            return false
        }
        guard standing.replica == .whole || standing.replica == .leaving else {
            add(report.region, table.name, .copying)
            return false
        }
        let gaps = standing.seen.gaps(to: table.vector, in: report.region)
        guard gaps.isEmpty else {
            add(report.region, table.name, .behind(gaps))
            return false
        }
        proofs.append(
            Proof(
                table: table.name,
                region: report.region,
                required: table.vector,
                held: standing.seen,
            )
        )
        return standing.replica == .whole
    }

    private func hasDescriptions(_ report: FenceReport) -> Bool {
        guard let required = fence.table(.system), let held = report.standing(.system) else {
            return false
        }
        return held.seen.gaps(to: required.vector, in: report.region).isEmpty
    }
}

extension VersionVector {
    /// What is missing in a region, whose vector this is, of all that another vector says.
    ///
    /// A vector that is younger than an incarnation may have no entry for it; then one for a later
    /// incarnation of another region says that nothing of the earlier is missing
    /// (`ChangeBatch.predecessor`). Its own later ones say nothing of that kind: a region that was
    /// started from older files may have lost what another still has.
    package func gaps(to other: VersionVector, in region: String) -> [Drain.Lack.Gap] {
        other.entries.compactMap { entry in
            let held = self[entry.origin]
            guard held < entry.time else { return nil }
            let hasLater = entries.contains {
                $0.origin.region == entry.origin.region && $0.origin > entry.origin
            }
            if held == .zero, hasLater, entry.origin.region != region { return nil }
            return Drain.Lack.Gap(origin: entry.origin, required: entry.time, held: held)
        }
    }
}
