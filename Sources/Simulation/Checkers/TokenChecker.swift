import Causality
import Changes
import Engine

/// Causal tokens: a region that has reached the token of a write shows the write, or what was written
/// over it; and so does one that has reached the token of a read made there.
///
/// Some commits' changes are kept with the token that their replies carry. Each region is asked after
/// each of its commits whether it has reached it, and once it says so, its items are looked at.
struct TokenChecker {
    /// One commit in so many is followed.
    static let followEvery = 4
    /// The most tokens that are followed at once; the oldest goes.
    static let followedMax = 12

    private struct Followed {
        let token: CausalToken
        let changes: [Change]
        /// Whether it was made by a read, in a region that had reached the write's token.
        let isOfRead: Bool
        /// The regions, by index, that have shown the changes.
        var shownIn: Set<Int> = []
    }

    private var followed: [Followed] = []

    /// Takes note of a commit, with the token of its replies.
    mutating func follow(_ commit: Commit, _ scene: Scene) {
        guard !commit.own.isEmpty, scene.region.watch.commits % TokenChecker.followEvery == 0 else {
            return
        }
        let changes = commit.own.filter { $0.table != .system }
        guard !changes.isEmpty else { return }
        let token = scene.engine.causalToken()
        follow(Followed(token: token, changes: changes, isOfRead: false))
    }

    private mutating func follow(_ new: Followed) {
        if followed.count >= TokenChecker.followedMax { followed.removeFirst() }
        followed.append(new)
    }

    /// Checks what a region shows that has reached some of the tokens.
    mutating func check(_ scene: Scene) throws {
        let reach = scene.engine.reach
        let region = scene.region.index
        var read: Followed?
        for index in followed.indices where !followed[index].shownIn.contains(region) {
            let one = followed[index]
            var isReached = true
            for change in one.changes {
                // Of a region whose removal waits for a lost one nothing more comes to the table.
                guard let table = scene.engine.catalog[id: change.table],
                    table.state.phase == .active,
                    !one.token.entries.contains(where: {
                        table.description.isFenced($0.origin.region)
                    }),
                    reach.reaches(one.token, in: table)
                else {
                    isReached = false
                    continue
                }
                try check(change, one, table, scene)
            }
            guard isReached else { continue }
            followed[index].shownIn.insert(region)
            guard !one.isOfRead else { continue }
            read = Followed(token: reach.token, changes: one.changes, isOfRead: true)
        }
        if let read { follow(read) }
    }

    private func check(
        _ change: Change,
        _ followed: Followed,
        _ table: Table,
        _ scene: Scene,
    ) throws {
        let stamp = change.version.stamp
        let version = scene.model.version(change.table, change.key)
        guard version?.seen.covers(stamp) != true else { return }
        // What is set aside is applied, and not shown.
        if scene.model.quarantine(change.table, change.key).contains(stamp) { return }
        // What a removed region shipped to nobody is kept aside there, and comes no more.
        if scene.ledger.isWithdrawn(change) { return }
        let removal = table.description.removal(of: stamp.origin.region)
        if let end = removal?.end, stamp.time > end[stamp.origin] { return }
        // Of an incarnation that went as a whole with its region's files nobody has heard: a region
        // cannot tell it from one that is older than the table (`Reach`).
        let held = scene.engine.applied[change.table][stamp.origin]
        if held == .zero, scene.ledger.torn.contains(stamp.origin) { return }
        // A region that left is not counted, and what it had lost with its files nobody held when it
        // went.
        if scene.ledger.torn.contains(stamp.origin),
            !table.description.members.contains(stamp.origin.region)
        {
            return
        }
        let kind = followed.isOfRead ? "a read after it" : "the write"
        throw BrokenInvariant(
            "Token",
            "\(scene.name) has reached the token of \(kind), but lacks \(stamp) of "
                + "\(shown(change.key)); the members of \(table.name) are "
                + "\(table.description.members), and it holds "
                + "\(scene.engine.vector(of: table.id))",
        )
    }

    /// What a region still lacks of some token that is followed; nil once it has reached all of them.
    ///
    /// All is at rest only then: a token whose origins lost nothing is reached in bounded time, since
    /// idle regions say with each heartbeat that nothing is missing.
    func unrest(_ scene: Scene, isTorn: (Origin) -> Bool) -> String? {
        let reach = scene.engine.reach
        for one in followed where !one.token.entries.contains(where: { isTorn($0.origin) }) {
            for change in one.changes {
                // Of a region whose removal waits for a lost one nothing more comes to the table.
                guard let table = scene.engine.catalog[id: change.table],
                    table.state.phase == .active,
                    !one.token.entries.contains(where: {
                        table.description.isFenced($0.origin.region)
                    }),
                    let gap = reach.gap(to: one.token, of: [table.name])
                else { continue }
                return "\(scene.name) has not reached a token: \(gap)"
            }
        }
        return nil
    }
}
