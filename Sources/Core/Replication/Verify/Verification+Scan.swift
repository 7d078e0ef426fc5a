import Changes

/// The scan: digests of the same stretches in all regions.
///
/// The lead cuts ahead by one piece. A region that has more rows in a piece than it may read at once
/// answers for the beginning of it; the next piece then starts where all have come to. If that is
/// not even one stretch, the stretch is listed without further ado: lists may stop at any key.
extension Verification {
    struct Scan: Sendable {
        /// Where the lead cuts next; nil at the end.
        var cutPlace: [UInt8]?
        var isCutting = false
        /// Cut, and not yet asked of the others.
        var ready: DigestReply?
        var comparing: DigestReply?
        var answers: [String: DigestReply] = [:]

        init(cutPlace: [UInt8]?) {
            self.cutPlace = cutPlace
        }

        /// All keys before it are compared; nil when all are.
        var place: [UInt8]? { comparing?.from ?? ready?.from ?? cutPlace }

        var isOver: Bool { cutPlace == nil && ready == nil && comparing == nil && !isCutting }
    }

    private var lead: String { regions[0] }

    mutating func advanceScan(_ now: UInt64) {
        if scan.comparing == nil, let ready = scan.ready {
            scan.comparing = ready
            scan.ready = nil
            scan.answers = [:]
            for region in regions.dropFirst() { ask(region, question(of: ready), now) }
        }
        guard !scan.isCutting, scan.ready == nil, let place = scan.cutPlace,
            lists.queue.count < settings.listsMax
        else { return }
        scan.isCutting = true
        let request = DigestRequest(
            table: table,
            from: place,
            cut: .byRows,
            rowsMax: settings.requestRowsMax,
        )
        ask(lead, .digest(request), now)
    }

    private func question(of cut: DigestReply) -> Question {
        let ends = cut.stretches.compactMap(\.end)
        return .digest(
            DigestRequest(
                table: table,
                from: cut.from,
                cut: .at(ends, isToEnd: ends.count < cut.stretches.count),
                // A little more than the lead has is no reason for another question.
                rowsMax: 2 * settings.requestRowsMax,
            )
        )
    }

    mutating func take(_ reply: DigestReply, from region: String) {
        guard region == lead else { return takeAnswer(reply, from: region) }
        scan.isCutting = false
        // One that was cut before a short answer set the place back.
        guard reply.from == scan.cutPlace else { return }
        guard isCut(reply) else {
            return finish(Outcome.Failure(region: region, reason: "its stretches do not follow"))
        }
        scan.ready = reply
        scan.cutPlace = reply.stretches.last?.end
    }

    /// Whether the stretches lead on: a place that stood still would be asked for ever.
    private func isCut(_ reply: DigestReply) -> Bool {
        var last = reply.from
        for (place, stretch) in reply.stretches.enumerated() {
            guard let end = stretch.end else { return place == reply.stretches.count - 1 }
            guard last.lexicographicallyPrecedes(end) else { return false }
            last = end
        }
        return !reply.stretches.isEmpty
    }

    private mutating func takeAnswer(_ reply: DigestReply, from region: String) {
        guard let cut = scan.comparing, reply.from == cut.from else { return }
        guard zip(reply.stretches, cut.stretches).allSatisfy({ $0.end == $1.end }) else {
            return finish(Outcome.Failure(region: region, reason: "it answers other stretches"))
        }
        scan.answers[region] = reply
        if scan.answers.count == regions.count - 1 { compare(cut) }
    }

    private mutating func compare(_ cut: DigestReply) {
        let answers = regions.dropFirst().compactMap { scan.answers[$0]?.stretches }
        let answered = answers.reduce(cut.stretches.count) { min($0, $1.count) }
        var from = cut.from
        for (place, stretch) in cut.stretches.prefix(max(answered, 1)).enumerated() {
            let isSame = answered > 0 && answers.allSatisfy { $0[place] == stretch }
            if !isSame { lists.queue.append(Lists.Stretch(from: from, to: stretch.end)) }
            tally.items += UInt64(stretch.items)
            from = stretch.end ?? from
        }
        if answered < cut.stretches.count, cut.stretches[max(answered, 1) - 1].end != nil {
            scan.cutPlace = from
            scan.ready = nil
        }
        scan.comparing = nil
        scan.answers = [:]
    }
}
