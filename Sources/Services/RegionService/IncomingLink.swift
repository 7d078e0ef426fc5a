import Causality
import Changes
import Engine
import JSON

/// A link as its target sees it: the account of what came from one region.
///
/// It rests on what the target has stored, so it is there whatever became of the daemon.
struct IncomingLink {
    let source: String
    let account: LinkAccount

    /// One for each region that something came from, and for each that shares a table; by name.
    static func all(in store: any StoreReader, _ catalog: TableCatalog) throws -> [IncomingLink] {
        var links = try LinkAccount.all(in: store).map(IncomingLink.init)
        let members = Set(catalog.named.flatMap(\.description.members)).sorted()
        for member in members where member != catalog.region {
            guard !links.contains(where: { $0.source == member }) else { continue }
            links.append(IncomingLink(source: member, account: LinkAccount()))
        }
        return links.sorted { $0.source < $1.source }
    }

    private init(source: String, account: LinkAccount) {
        self.source = source
        self.account = account
    }

    /// The link at `now` by the region's wall clock; `silenceMax` is as in `LinkAccount.standing`.
    func json(at now: UInt64, silenceMax: UInt64) -> JSONValue {
        let standing = account.standing(at: now, silenceMax: silenceMax)
        let tally = account.tally
        func orNull(_ value: UInt64?) -> JSONValue { value.map { .integer($0) } ?? .null }
        return .object([
            .init("region", .string(source)),
            .init("standing", .string(standing.name)),
            .init("reason", standing.reason.map { .string($0) } ?? .null),
            .init("lagMilliseconds", orNull(account.lagMilliseconds(at: now))),
            .init("appliedThrough", .string(account.through.description)),
            .init("pending", .integer(account.pending)),
            .init("received", .integer(tally.received)),
            .init("newer", .integer(tally.newer)),
            .init("stale", .integer(tally.stale)),
            .init("conflicts", .integer(tally.conflicts)),
            .init("quarantined", .integer(tally.quarantined)),
            .init("accounting", tally.accounting()),
            .init("lastHeartbeatMilliseconds", orNull(account.heard)),
            .init("lastAppliedMilliseconds", .integer(account.appliedMilliseconds)),
            .init("aheadMilliseconds", .integer(account.aheadMilliseconds(at: now))),
        ])
    }
}

extension LinkAccount {
    /// When the source was last heard, in milliseconds since 1970; nil for never.
    fileprivate var heard: UInt64? { heardMilliseconds > 0 ? heardMilliseconds : nil }
}
