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
    private let total: Int
    private var done = 0

    /// The layers have one run for each keyspace.
    init(_ layers: Layers) {
        rest =
            Keyspace.allCases.flatMap { keyspace in
                layers.runs[keyspace.ordinal].map { (keyspace, $0) }
            }[...]
        total = rest.reduce(0) { $0 + $1.run.weight }
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// How much was given out, from 0 to 1.
    var fraction: Double { total == 0 ? 1 : Double(done) / Double(total) }

    /// What comes next, up to the entry with which it has so many bytes.
    mutating func next(bytes: Int) -> [Piece] {
        var pieces: [Piece] = []
        var room = bytes
        while room > 0, let (keyspace, run) = rest.first {
            let start = position
            while position < run.entries.count, room > 0 {
                room -= run.entries[position].byteCount
                position += 1
            }
            let spans = start == 0 ? run.spans.spans : []
            let entries = run.entries[start..<position]
            pieces.append(Piece(keyspace: keyspace, spans: spans, entries: entries))
            done += spans.count + entries.count
            if position == run.entries.count {
                rest.removeFirst()
                position = 0
            }
        }
        return pieces
    }
}
