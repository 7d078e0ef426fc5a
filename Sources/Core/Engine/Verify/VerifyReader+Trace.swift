import Causality
package import Changes

/// What a region can say for a repair: its rows, and what its history holds of them.
extension VerifyReader {
    /// Most bytes of history that one answer looks through.
    static let traceBytesMax = 256 << 20
    /// Most bytes of versions in one answer.
    ///
    /// Of the keys asked for only the first are answered, so that they stay within it. One item is
    /// answered always; twice 400 KB is the most it takes.
    static let traceReplyBytesMax = 8 << 20

    package func trace(_ request: TraceRequest) throws -> TraceReply {
        try trace(request, bytesMax: VerifyReader.traceReplyBytesMax)
    }

    func trace(_ request: TraceRequest, bytesMax: Int) throws -> TraceReply {
        let table = try table(request.table)
        guard request.keys.count <= VerifyReader.keysMax else {
            throw PeerRefusal(.badRequest, "at most \(VerifyReader.keysMax) keys at a time")
        }
        let vector = try vector(of: table)
        var found = Found(request.keys, bytesMax: bytesMax)
        for (place, key) in request.keys.enumerated() where place < found.count {
            found.take(stored: try store.get(.items, table.row(key)), at: place)
        }
        let isWhole = try walkHistory(of: table, since: request.since, vector, &found)
        var items = found.items
        for place in items.indices {
            items[place].isQuarantined = try isQuarantined(request.keys[place], of: table)
        }
        return TraceReply(
            vector: vector,
            base: table.state.base,
            wholeFrom: isWhole ? try wholeFrom(table, vector) : .greatest,
            items: items,
        )
    }

    /// The evidence for the first `count` of some keys: the last ones go where it gets too large.
    private struct Found {
        private(set) var items: [TraceReply.Item]
        private var places: [[UInt8]: Int] = [:]
        private var ranks: [Int: Rank] = [:]
        private var bytes = 0
        private let bytesMax: Int

        var count: Int { items.count }

        init(_ keys: [[UInt8]], bytesMax: Int) {
            items = keys.map { _ in .init(stored: nil, isQuarantined: false, greatest: nil) }
            for (place, key) in keys.enumerated() { places[key] = place }
            self.bytesMax = bytesMax
        }

        mutating func take(stored: [UInt8]?, at place: Int) {
            items[place].stored = stored
            bytes += stored?.count ?? 0
            trim()
        }

        func place(of key: [UInt8]) -> Int? { places[key].flatMap { $0 < count ? $0 : nil } }

        /// Keeps the greatest of an item's changes.
        mutating func take(_ version: Version, at place: Int) {
            let rank = version.contender.rank
            if let known = ranks[place], rank <= known { return }
            ranks[place] = rank
            bytes -= items[place].greatest?.count ?? 0
            let encoded = version.encoded()
            bytes += encoded.count
            items[place].greatest = encoded
            trim()
        }

        private mutating func trim() {
            while bytes > bytesMax, items.count > 1 {
                let last = items.removeLast()
                bytes -= (last.stored?.count ?? 0) + (last.greatest?.count ?? 0)
            }
        }
    }

    /// From when on the history here is whole, for every origin that the vector names.
    private func wholeFrom(_ table: Table, _ vector: VersionVector) throws -> HybridTime {
        let trimmed = try MetaKey.readTrimmed(from: store)
        return vector.entries.reduce(.zero) { time, entry in
            max(time, table.state.wholeFrom[entry.origin], trimmed[entry.origin])
        }
    }

    /// - Returns: whether all of it was looked through.
    private func walkHistory(
        of table: Table,
        since: HybridTime,
        _ vector: VersionVector,
        _ found: inout Found,
    ) throws -> Bool {
        var bytes = 0
        for entry in vector.entries {
            try store.range(
                .history,
                from: SegmentKey.first(at: since, of: entry.origin),
                to: SegmentKey.end(of: entry.origin),
                reversed: false,
            ) { _, value in
                bytes += value.count
                guard bytes <= VerifyReader.traceBytesMax else { return false }
                var reader = ByteReader(value)
                guard try Segment.Head(&reader).tables.contains(table.id) else { return true }
                while let framed = try ChangeCoding.next(&reader) {
                    guard framed.table == table.id, framed.time >= since,
                        let change = try? ChangeCoding.decode(framed, origin: entry.origin),
                        let place = found.place(of: change.key)
                    else { continue }
                    found.take(change.version, at: place)
                }
                return true
            }
        }
        return bytes <= VerifyReader.traceBytesMax
    }
}
