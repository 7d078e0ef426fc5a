import Changes
import Engine
import Replication

/// Invariant 10: for each link, changes received = newer + stale + conflicts + quarantined, counted in
/// the transaction that merged them; and every change that a link fetched is among those, waits in it,
/// or was given up.
enum AccountedChecker {
    /// All of a region's accounts add up, and those of `sources`, which the commit has moved, count
    /// what became of each change.
    static func check(_ sources: [String], _ scene: Scene) throws {
        let accounts = try LinkAccount.all(in: scene.store)
        for (source, account) in accounts {
            let tally = account.tally
            let settled = tally.newer + tally.stale + tally.conflicts + tally.quarantined
            guard tally.received == settled else {
                throw BrokenInvariant(
                    "Accounted",
                    "\(scene.name): the account of \(source) does not add up: \(tally)",
                )
            }
        }
        for source in sources {
            let tally = accounts.first { $0.source == source }?.account.tally ?? Tally()
            let expected = scene.region.watch.accounts[source] ?? Tally()
            guard tally == expected else {
                throw BrokenInvariant(
                    "Accounted",
                    "\(scene.name) counted \(tally) of \(source) instead of \(expected)",
                )
            }
        }
    }

    /// A link's own account does not add up (`Link.isBalanced`), after an event that it was handed.
    static func fail(_ link: LinkStatus, _ name: String) -> BrokenInvariant {
        BrokenInvariant(
            "Accounted",
            "link \(name) fetched \(link.fetchedChanges), of which \(link.waitingChanges) "
                + "wait, \(link.givenUpChanges) were given up, and of the others became "
                + "\(link.tally)",
        )
    }
}
