import Causality
import Changes

/// Reading a history whose segments overlap.
///
/// A region's own segments follow one another. Those it received need not: a table that has just
/// come takes a time anew for which others have theirs already. Then the segment with the next key
/// may begin before the one just read ended, and records are to be put in order first.
///
/// **Cost.** Only a segment's end is in its key, so each batch reads on through the recorded time,
/// past `Feed.scannedBytesMax` if need be, and keeps a few batches of it in memory.
extension Feed {
    /// Records are sorted out whenever so many times the bytes of a batch have come together.
    private static let heldBatchesMax = 4

    private struct Held {
        let time: HybridTime
        let ordinal: UInt16
        let bytes: [UInt8]
    }

    /// The changes of a stretch as far as segments may overlap, in order; what is beyond is read as
    /// usual by the next batch.
    func collectOverlapping(
        _ stretch: Stretch,
        through overlaps: HybridTime,
        bytesMax: Int,
    ) throws -> Collected {
        var collected = Collected()
        collected.through = min(stretch.end, overlaps)
        collected.isWhole = stretch.end <= overlaps
        var held: [Held] = []
        var bytes = 0
        let tables = Set(stretch.tables)
        try store.range(
            .history,
            from: SegmentKey.firstAfter(stretch.after, of: stretch.origin),
            to: SegmentKey.firstAfter(overlaps, of: stretch.origin),
            reversed: false,
        ) { _, value in
            var reader = ByteReader(value)
            let head = try Segment.Head(&reader)
            guard head.tables.contains(where: tables.contains) else { return true }
            while let framed = try ChangeCoding.next(&reader) {
                guard framed.time > stretch.after, framed.time <= collected.through,
                    tables.contains(framed.table)
                else { continue }
                if try isLeftOut(framed, of: stretch.origin) { continue }
                var fields = ByteReader(framed.bytes)
                _ = try fields.time()
                held.append(
                    Held(
                        time: framed.time,
                        ordinal: try fields.uint16(),
                        bytes: [UInt8](framed.bytes),
                    )
                )
                bytes += framed.bytes.count
            }
            if bytes / Feed.heldBatchesMax > bytesMax {
                bytes = cut(&held, to: bytesMax, &collected)
            }
            return true
        }
        _ = cut(&held, to: bytesMax, &collected)
        for record in held { record.bytes.withUnsafeBytes { collected.append($0) } }
        return collected
    }

    /// Keeps the earliest records, about a batch of them, and never a part of those of one time.
    /// - Returns: how many bytes stay.
    private func cut(
        _ held: inout [Held],
        to bytesMax: Int,
        _ collected: inout Collected,
    ) -> Int {
        held.sort { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
        var bytes = 0
        for (index, record) in held.enumerated() {
            if bytes >= bytesMax, index > 0, held[index - 1].time < record.time {
                collected.through = held[index - 1].time
                collected.isWhole = false
                held.removeSubrange(index...)
                break
            }
            bytes += record.bytes.count
        }
        return bytes
    }
}
