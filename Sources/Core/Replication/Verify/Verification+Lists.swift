import Changes

/// The items of stretches that differ, one stretch after another.
extension Verification {
    struct Lists: Sendable {
        struct Stretch: Equatable, Sendable {
            var from: [UInt8]
            /// Nil at the table's end.
            var to: [UInt8]?
        }

        var queue: [Stretch] = []
        var current: Stretch?
        var answers: [String: ListReply] = [:]

        var isOver: Bool { queue.isEmpty && current == nil }
    }

    mutating func advanceLists(_ now: UInt64) {
        guard lists.current == nil, !lists.queue.isEmpty,
            suspects.count < settings.suspectsMax
        else { return }
        let stretch = lists.queue.removeFirst()
        lists.current = stretch
        lists.answers = [:]
        let request = ListRequest(
            table: table,
            from: stretch.from,
            to: stretch.to,
            rowsMax: settings.requestRowsMax,
        )
        for region in regions { ask(region, .list(request), now) }
    }

    mutating func take(_ reply: ListReply, from region: String, _ now: UInt64) {
        guard let stretch = lists.current, reply.from == stretch.from else { return }
        lists.answers[region] = reply
        guard lists.answers.count == regions.count else { return }
        let replies = regions.compactMap { lists.answers[$0] }
        // Each region stops where it must; what all have listed can be compared.
        let next = replies.compactMap(\.next).min { $0.lexicographicallyPrecedes($1) }
        suspect(replies, before: next, now)
        lists.current = nil
        if let next { lists.queue.insert(Lists.Stretch(from: next, to: stretch.to), at: 0) }
    }

    private mutating func suspect(_ replies: [ListReply], before end: [UInt8]?, _ now: UInt64) {
        var digests: [[UInt8]: [ContentDigest]] = [:]
        for reply in replies {
            for entry in reply.entries {
                if let end, !entry.key.lexicographicallyPrecedes(end) { break }
                digests[entry.key, default: []].append(entry.digest)
            }
        }
        let differing = digests.filter { entry in
            entry.value.count < replies.count || entry.value.contains { $0 != entry.value[0] }
        }
        for key in differing.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            suspects.add(key, at: now)
        }
    }
}
