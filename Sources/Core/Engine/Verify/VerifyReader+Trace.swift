import Causality
package import Changes

/// What a region can say for a repair: its rows, and what its history holds of them.
extension VerifyReader {
    /// Most bytes of history that one answer looks through.
    static let traceBytesMax = 256 << 20

    package func trace(_ request: TraceRequest) throws -> TraceReply {
        let table = try table(request.table)
        guard request.keys.count <= VerifyReader.keysMax else {
            throw PeerRefusal(.badRequest, "at most \(VerifyReader.keysMax) keys at a time")
        }
        let vector = try vector(of: table)
        let (changes, isWhole) = try changes(of: table, request, vector)
        return TraceReply(
            vector: vector,
            base: table.state.base,
            wholeFrom: isWhole ? try wholeFrom(table, vector) : .greatest,
            items: try request.keys.map { key in
                TraceReply.Item(
                    stored: try store.get(.items, table.row(key)),
                    isQuarantined: try isQuarantined(key, of: table),
                    changes: changes[key] ?? [],
                )
            },
        )
    }

    /// From when on the history here is whole, for every origin that the vector names.
    private func wholeFrom(_ table: Table, _ vector: VersionVector) throws -> HybridTime {
        let trimmed = try MetaKey.readTrimmed(from: store)
        return vector.entries.reduce(.zero) { time, entry in
            max(time, table.state.wholeFrom[entry.origin], trimmed[entry.origin])
        }
    }

    private func changes(
        of table: Table,
        _ request: TraceRequest,
        _ vector: VersionVector,
    ) throws -> (found: [[UInt8]: [[UInt8]]], isWhole: Bool) {
        let keys = Set(request.keys)
        var found: [[UInt8]: [[UInt8]]] = [:]
        var bytes = 0
        for entry in vector.entries {
            try store.range(
                .history,
                from: SegmentKey.first(at: request.since, of: entry.origin),
                to: SegmentKey.end(of: entry.origin),
                reversed: false,
            ) { _, value in
                bytes += value.count
                guard bytes <= VerifyReader.traceBytesMax else { return false }
                var reader = ByteReader(value)
                guard try Segment.Head(&reader).tables.contains(table.id) else { return true }
                while let framed = try ChangeCoding.next(&reader) {
                    guard framed.table == table.id, framed.time >= request.since,
                        let change = try? ChangeCoding.decode(framed, origin: entry.origin),
                        keys.contains(change.key)
                    else { continue }
                    found[change.key, default: []].append(change.version.encoded())
                }
                return true
            }
        }
        return (found, bytes <= VerifyReader.traceBytesMax)
    }
}
