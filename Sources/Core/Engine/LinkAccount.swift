package import Causality
package import Changes

/// What a target has counted of one source, in the transactions that merged it.
///
/// Invariant: `tally.received` is the sum of the tally's other counts, at any time and after any
/// crash, since all of them move with the changes they count.
package struct LinkAccount: Equatable, Sendable {
    package var tally = Tally()
    /// The greatest end of a batch of the source's own changes applied.
    package var through = HybridTime.zero
    /// What remained at the source after the last batch.
    package var pending: UInt64 = 0
    /// When the last batch was applied, by the target's wall clock.
    package var appliedMilliseconds: UInt64 = 0
    /// When the last batch of the source's own changes was applied, by the target's wall clock; zero
    /// for never.
    ///
    /// A heartbeat, if there were no changes in it.
    package var heardMilliseconds: UInt64 = 0
    /// What the target lacked then, in milliseconds by the source's clock.
    package var behindMilliseconds: UInt64 = 0
    /// The time, from too far ahead, that the last batch was cut before; zero for none.
    package var heldTime = HybridTime.zero
    package var latency = Latency()

    /// How long the source's changes took from their write there to their merge here.
    ///
    /// From the one wall clock to the other: no better than these agree, and never below zero.
    package struct Latency: Equatable, Sendable {
        package var count: UInt64 = 0
        package var sumMilliseconds: UInt64 = 0
        /// That of the oldest change of the last batch that had any.
        package var lastMilliseconds: UInt64 = 0

        mutating func count(_ times: [HybridTime], at wallMilliseconds: UInt64) {
            guard let first = times.first else { return }
            for time in times {
                let written = time.milliseconds
                sumMilliseconds &+= wallMilliseconds > written ? wallMilliseconds - written : 0
            }
            count &+= UInt64(times.count)
            let written = first.milliseconds
            lastMilliseconds = wallMilliseconds > written ? wallMilliseconds - written : 0
        }
    }

    package init() {}

    /// How long ago at most the target held all that the source had; nil before the first batch.
    ///
    /// It grows from one heartbeat to the next.
    package func lagMilliseconds(at wallMilliseconds: UInt64) -> UInt64? {
        guard heardMilliseconds > 0 else { return nil }
        return silence(at: wallMilliseconds) &+ behindMilliseconds
    }

    /// What the target can tell of the link.
    ///
    /// After more than `silenceMax` milliseconds without a batch of the source's own it is stalled.
    package func standing(
        at wallMilliseconds: UInt64,
        silenceMax: UInt64,
    ) -> LinkStanding {
        guard heardMilliseconds > 0 else { return .stalled("nothing has ever come from it") }
        if heldTime > .zero {
            return .stalled("SKEW: its next change is from too far ahead of this clock")
        }
        let silence = silence(at: wallMilliseconds)
        if silence > silenceMax {
            let waiting = pending > 0 ? ", and \(pending) changes waited there then" : ""
            return .stalled("no heartbeat for \(silence) ms\(waiting)")
        }
        return pending > 0 ? .shipping : .idle
    }

    private func silence(at wallMilliseconds: UInt64) -> UInt64 {
        wallMilliseconds > heardMilliseconds ? wallMilliseconds - heardMilliseconds : 0
    }

    /// How far ahead of a clock that is which holds the link; 0 if nothing does.
    package func aheadMilliseconds(at wallMilliseconds: UInt64) -> UInt64 {
        heldTime.milliseconds - min(heldTime.milliseconds, wallMilliseconds)
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        tally.append(to: &writer)
        writer.time(through)
        for value in [
            pending, appliedMilliseconds, heardMilliseconds, behindMilliseconds, latency.count,
            latency.sumMilliseconds, latency.lastMilliseconds,
        ] { writer.uint64(value) }
        writer.time(heldTime)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var account = LinkAccount()
            account.tally = try Tally(&reader)
            account.through = try reader.time()
            account.pending = try reader.uint64()
            account.appliedMilliseconds = try reader.uint64()
            // Directories of earlier versions end here.
            guard reader.remaining > 0 else { return account }
            account.heardMilliseconds = try reader.uint64()
            account.behindMilliseconds = try reader.uint64()
            account.latency.count = try reader.uint64()
            account.latency.sumMilliseconds = try reader.uint64()
            account.latency.lastMilliseconds = try reader.uint64()
            account.heldTime = try reader.time()
            return account
        }
    }
}

extension LinkAccount {
    /// The accounts of all sources, by their names.
    package static func all(
        in store: any StoreReader
    ) throws -> [(source: String, account: LinkAccount)] {
        var accounts: [(source: String, account: LinkAccount)] = []
        try store.range(.accounts, from: [], to: nil, reversed: false) { key, value in
            let account = try LinkAccount(decoding: [UInt8](value))
            accounts.append((String(decoding: key, as: UTF8.self), account))
            return true
        }
        return accounts
    }
}

extension WriteGroup {
    /// Counts a batch's changes to the account of the region that served it.
    ///
    /// `times` are those of its changes, and `held` is the time from too far ahead that it was cut
    /// before, or zero.
    func account(
        _ times: [HybridTime],
        _ tally: Tally,
        of header: ChangeBatch.Header,
        through: HybridTime,
        held: HybridTime,
    ) throws {
        let key = Array(header.source.region.utf8)
        var account =
            try store.get(.accounts, key).map(LinkAccount.init(decoding:)) ?? LinkAccount()
        account.tally.add(tally)
        account.appliedMilliseconds = wallMilliseconds
        account.heldTime = held
        // What is relayed says nothing of the source's own changes.
        if !header.isRelayed {
            account.through = max(account.through, through)
            account.pending = header.pending
            account.heardMilliseconds = wallMilliseconds
            let wall = header.wallMilliseconds
            let isBehind = !header.isComplete && wall > through.milliseconds
            account.behindMilliseconds = isBehind ? wall - through.milliseconds : 0
            account.latency.count(times, at: wallMilliseconds)
        }
        try store.put(.accounts, key, account.encoded())
    }
}
