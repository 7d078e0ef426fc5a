package import Changes

/// Compares what several regions hold of one table, while all of them are written.
///
/// **Problem.** Regions are never read at the same moment, and what one has accepted is on its way
/// to the others. So two regions that are right may show different items at any time. Yet a
/// difference that replication will not mend must be found, whatever caused it, and nothing else be
/// called one.
///
/// **Idea.** Three stages, each with the same regions and one question to a region at a time:
///
///     scan     one region cuts the table into stretches of keys by its own rows, the others are
///              asked for the digests of the same stretches. Equal sums: done with it.
///     list     of a stretch that differs, the digest of every item. Keys that are not the same
///              everywhere are *suspects*: nothing is concluded from them yet.
///     look     suspects are read again and again, in rounds, with the applied vector of each
///              region's snapshot, until `Suspect` can tell.
///
/// After the scan each region's *derived* data are looked through, a piece at a time: whether its
/// indexes, orders and counts are what its items say. That is a matter of each region alone.
///
/// The other stages run side by side: the lead region cuts the next stretches while the others answer, and
/// suspects wait for what is on its way without holding up the scan. Nothing is stored in regions:
/// the tree of digests (table, piece, stretch, item) is made for the asking, of one walk over the
/// stored bytes.
///
/// **Bounds.** A piece is at most `chunkRowsMax` rows; at most `listsMax` stretches wait to be
/// listed and about `suspectsMax` suspects to be looked at, and the stage before them waits. A region
/// is asked for no more than `rowsPerSecond`. What fails is asked again, `attemptsMax` times.
///
/// **Going on later.** `place` is where a later run may start from with nothing missed: all keys
/// before it were found the same or are among its suspects.
package struct Verification: Sendable {
    /// In this order; the first one leads.
    package let regions: [String]
    package let table: TableID
    package let settings: VerifySettings

    var scan: Scan
    var lists = Lists()
    var suspects = Suspects()
    /// Where each region's derived data are to be looked at next; none for those that are done.
    var derived: [String: DerivedRequest.Place]
    var lanes: [Lane: LaneState] = [:]
    /// When each region may be asked for more rows.
    var allowed: [String: UInt64] = [:]
    var effects: [Effect] = []
    package internal(set) var tally: VerifyTally
    package private(set) var outcome: Outcome?

    /// One region alone is compared with nothing; its derived data are looked at.
    ///
    /// - Precondition: at least one region, each once.
    package init(
        regions: [String],
        table: TableID,
        settings: VerifySettings = VerifySettings(),
        from place: Place = Place(),
    ) {
        precondition(!regions.isEmpty, "somebody is to be asked")
        precondition(Set(regions).count == regions.count, "a region is not compared with itself")
        self.regions = regions
        self.table = table
        self.settings = settings
        scan = Scan(cutPlace: regions.count > 1 ? place.next : nil)
        derived = settings.looksAtDerived ? place.derived(of: regions) : [:]
        tally = place.tally
        for key in place.suspects { suspects.add(key, at: 0) }
    }

    /// Takes in what happened and says what to do next, in order.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - now: milliseconds by any clock that does not stand still.
    ///   - jitterBits: random bits for the waits that this event may cause.
    /// - Returns: what to do next.
    package mutating func handle(
        _ event: Event,
        nowMilliseconds now: UInt64,
        jitterBits: UInt64 = 0,
    ) -> [Effect] {
        guard outcome == nil else { return [] }
        switch event {
        case .started, .woke: break
        case .answered(let region, let answer): take(answer, from: region, now)
        case .failed(let lane, let failure): fail(lane, failure, now, jitterBits)
        }
        if outcome == nil { advance(now) }
        defer { effects = [] }
        return effects
    }

    /// When to come back with `.woke` if nothing happens before; nil for never.
    package var nextWakeMilliseconds: UInt64? {
        guard outcome == nil else { return nil }
        let held = lanes.values.compactMap { state -> UInt64? in
            if case .held(_, let until) = state.work { return until }
            return nil
        }
        return (held + [suspects.nextDue].compactMap { $0 }).min()
    }

    /// Where a later run may go on.
    package var place: Place {
        let waiting = lists.current?.from ?? lists.queue.first?.from ?? scan.place
        return Place(next: waiting, suspects: suspects.keys, derived: derived, tally: tally)
    }

    /// How far the scan has come, 0...65536: keys begin with a hash of 16 bits.
    package var progress: Int {
        guard let place = scan.place else { return 65_536 }
        return place.count < 2 ? 0 : Int(place[0]) << 8 | Int(place[1])
    }

    private mutating func advance(_ now: UInt64) {
        release(now)
        advanceSuspects(now)
        advanceLists(now)
        advanceScan(now)
        advanceDerived(now)
        guard scan.isOver, lists.isOver, suspects.isOver, derived.isEmpty else { return }
        finish(nil)
    }

    mutating func finish(_ failure: Outcome.Failure?) {
        let outcome = Outcome(tally: tally, failure: failure)
        self.outcome = outcome
        effects.append(.finish(outcome))
    }

    private mutating func take(_ answer: Answer, from region: String, _ now: UInt64) {
        let lane = Lane(region: region, kind: answer.kind)
        guard case .asked? = lanes[lane]?.work else { return }
        lanes[lane]?.work = .idle
        lanes[lane]?.backoff.reset()
        charge(answer.rows, to: region, now)
        switch answer {
        case .digest(let reply): take(reply, from: region)
        case .list(let reply): take(reply, from: region, now)
        case .sight(let reply): take(reply, from: region, now)
        case .derived(let reply): take(reply, from: region)
        }
    }
}
