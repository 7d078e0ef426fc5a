import Changes
import Engine

/// Invariant 10: for each link, changes received = newer + stale + conflicts + quarantined, counted in
/// the transaction that merged them.
enum AccountedChecker {
    static func check(_ sources: [String], _ scene: Scene) throws {
        for source in sources {
            let account =
                try scene.store.get(.accounts, Array(source.utf8))
                .map(LinkAccount.init(decoding:)) ?? LinkAccount()
            let tally = account.tally
            guard
                tally.received
                    == tally.newer + tally.stale + tally.conflicts + tally.quarantined
            else {
                throw BrokenInvariant(
                    "Accounted",
                    "\(scene.name): the account of \(source) does not add up: \(tally)",
                )
            }
            let expected = scene.region.watch.accounts[source] ?? Tally()
            guard tally == expected else {
                throw BrokenInvariant(
                    "Accounted",
                    "\(scene.name) counted \(tally) of \(source) instead of \(expected)",
                )
            }
        }
    }
}
