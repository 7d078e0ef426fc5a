import Engine

/// Frozen layers, cut into the parts that go into the file in one transaction each, in key order.
///
/// In one transaction, all of it would be on its way to the disk at one moment, and whatever the
/// log has to sync then would wait behind it. A part that is in the file alone harms nothing: it is
/// in the log still, and run over it once more gives the same.
struct FlushParts {
    /// A stretch of one keyspace's run.
    struct Piece {
        let keyspace: Keyspace
        /// The run's, with its first entries: they are older than all of these.
        let spans: [KeySpans.Span]
        let entries: ArraySlice<Entry>
    }

    private var rest: ArraySlice<(keyspace: Keyspace, run: Run)>
    /// How many entries of the first of `rest` were given out.
    private var position = 0
    /// What all of it costs the disk, and what was given out, as `cost` has it.
    private let total: Int
    private var done = 0

    /// From this size on values of some keyspaces lie apart.
    private let apartBytesMin: Int

    /// So many bytes that lie apart cost the disk as much as one of an item: an item takes a page with it,
    /// where a value apart only follows the one before.
    private static let apartBytes = 8

    /// The layers have one run for each keyspace.
    init(_ layers: Layers, apartBytesMin: Int) {
        self.apartBytesMin = apartBytesMin
        rest =
            Keyspace.allCases.flatMap { keyspace in
                layers.runs[keyspace.ordinal].map { (keyspace, $0) }
            }[...]
        total = rest.reduce(0) { total, next in
            next.run.entries.reduce(total) {
                $0 + Self.cost(of: $1, in: next.keyspace, apartBytesMin)
            }
        }
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// How much was given out, from 0 to 1.
    var fraction: Double { total == 0 ? 1 : Double(done) / Double(total) }

    /// How many parts of that cost are left; at least one.
    func left(cost: Int) -> Double {
        max(1, Double(total - done) / Double(cost))
    }

    /// What an entry costs the disk, in bytes of items.
    private static func cost(
        of entry: Entry,
        in keyspace: Keyspace,
        _ apartBytesMin: Int,
    ) -> Int {
        let isApart = Keyspaces.isApart(keyspace) && entry.valueCount >= apartBytesMin
        return isApart ? 1 + entry.byteCount / apartBytes : entry.byteCount
    }

    /// What comes next, up to the entry with which it has such a cost.
    mutating func next(cost: Int) -> [Piece] {
        var pieces: [Piece] = []
        var room = cost
        while room > 0, let (keyspace, run) = rest.first {
            let start = position
            while position < run.entries.count, room > 0 {
                let cost = Self.cost(of: run.entries[position], in: keyspace, apartBytesMin)
                room -= cost
                done += cost
                position += 1
            }
            let spans = start == 0 ? run.spans.spans : []
            let entries = run.entries[start..<position]
            pieces.append(Piece(keyspace: keyspace, spans: spans, entries: entries))
            if position == run.entries.count {
                rest.removeFirst()
                position = 0
            }
        }
        return pieces
    }
}
