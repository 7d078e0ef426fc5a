import Engine

/// A walk over several runs and SQLite's file at once: of each key the newest word.
///
/// Sources are in order of age. A step takes the least key (reversed: the greatest) that any source
/// stands at, from the newest source that has it, and moves all that have it. It is left out if it
/// is a delete, or if a newer source deleted a stretch around it.
struct OverlayWalk: ~Copyable {
    private struct Source {
        let run: Run
        /// What is left of the run's entries.
        var rest: Range<Int>
    }

    private var sources: [Source]
    /// The runs with spans, with their place among the sources.
    private let spanned: [(place: Int, spans: KeySpans)]
    private var file: FileCursor
    private let reversed: Bool

    /// The runs come from the newest to the oldest.
    init(
        _ runs: [Run],
        over file: consuming FileCursor,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
    ) {
        sources = runs.map { Source(run: $0, rest: $0.positions(from: from, to: to)) }
        spanned = runs.enumerated().compactMap { place, run in
            run.spans.isEmpty ? nil : (place, run.spans)
        }
        self.file = file
        self.reversed = reversed
    }

    mutating func forEach(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        try walk { entry, file in
            if let file { return try body(entry.keyBytes, file.value()) }
            return try entry.withValue { try body(entry.keyBytes, $0) }
        }
    }

    /// The keys with the sizes of their values, which are not read.
    mutating func forEachSize(_ body: (UnsafeRawBufferPointer, Int) throws -> Bool) throws {
        try walk { entry, file in
            try body(entry.keyBytes, file?.valueBytes() ?? Int(entry.valueCount))
        }
    }

    /// Calls `body` with each entry; where that is the file's row, also with that.
    @inline(__always)
    private mutating func walk(_ body: (Entry, FileCursor.Row?) throws -> Bool) throws {
        while true {
            try skipCovered()
            guard let (entry, place) = next() else { return }
            if place == sources.count {
                guard try body(entry, file.row) else { return }
            } else if !entry.isDelete, !isCovered(entry, above: place) {
                guard try body(entry, nil) else { return }
            }
            try move(past: entry)
        }
    }

    /// Moves the file's cursor to a row that no run deletes as one of a stretch.
    private mutating func skipCovered() throws(StoreError) {
        guard !spanned.isEmpty else { return }
        while let row = file.current {
            let covering = spanned.lazy.compactMap { $0.spans.span(covering: row) }.first
            guard let covering else { return }
            try file.skip(covering)
        }
    }

    private func isCovered(_ entry: Entry, above place: Int) -> Bool {
        spanned.contains { $0.place < place && $0.spans.covers(entry) }
    }

    /// The next key, from the newest source that has it; the file's place is after all runs'.
    private func next() -> (Entry, place: Int)? {
        var best: (Entry, place: Int)?
        for place in sources.indices {
            guard let entry = head(place) else { continue }
            if let found = best, !isBefore(entry, found.0) { continue }
            best = (entry, place)
        }
        guard let row = file.current else { return best }
        if let found = best, !isBefore(row, found.0) { return best }
        return (row, sources.count)
    }

    private func head(_ place: Int) -> Entry? {
        let rest = sources[place].rest
        guard !rest.isEmpty else { return nil }
        return sources[place].run.entries[reversed ? rest.upperBound - 1 : rest.lowerBound]
    }

    private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        reversed ? left.order(right) > 0 : left.order(right) < 0
    }

    private mutating func move(past entry: Entry) throws(StoreError) {
        for place in sources.indices {
            guard let other = head(place), other.order(entry) == 0 else { continue }
            let rest = sources[place].rest
            sources[place].rest =
                reversed
                ? rest.lowerBound..<rest.upperBound - 1 : rest.lowerBound + 1..<rest.upperBound
        }
        // Last, since the entry may be the file's row.
        if let row = file.current, row.order(entry) == 0 { try file.advance() }
    }
}
