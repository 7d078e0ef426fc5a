import Changes

/// Looking through what each region derives from its items, once the scan is over: both read all rows,
/// and the one is not to slow the other.
extension Verification {
    mutating func advanceDerived(_ now: UInt64) {
        guard scan.isOver, lists.isOver else { return }
        for region in regions {
            guard let place = derived[region], isIdle(Lane(region: region, kind: .derived)) else {
                continue
            }
            ask(region, .derived(DerivedRequest(table: table, place: place)), now)
        }
    }

    mutating func take(_ reply: DerivedReply, from region: String) {
        guard reply.next == nil || reply.next != derived[region] else {
            return finish(Outcome.Failure(region: region, reason: "it stands still"))
        }
        derived[region] = reply.next
        tally.derivedRows += UInt64(reply.rows)
        tally.derived += UInt64(reply.findings.count)
        for finding in reply.findings { effects.append(.reportDerived(region, finding)) }
        for text in reply.unchecked { effects.append(.reportUnchecked(region, text)) }
    }
}
