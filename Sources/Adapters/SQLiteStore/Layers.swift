import Engine

/// The runs of one generation: for each keyspace, by ordinal, from the newest to the oldest.
///
/// A run is more than twice as large as all that is newer than it is for long: a commit's run is
/// merged with the next while it is at least half as large, so there are O(log n) runs, and each
/// entry is copied O(log n) times.
struct Layers {
    private(set) var runs = Array(repeating: [Run](), count: Keyspace.allCases.count)

    mutating func add(_ run: Run, ordinal: Int) {
        var newest = run
        var mergedCount = 0
        for older in runs[ordinal] {
            guard newest.weight * 2 >= older.weight else { break }
            newest = newest.merged(over: older)
            mergedCount += 1
        }
        runs[ordinal].replaceSubrange(0..<mergedCount, with: CollectionOfOne(newest))
    }

    /// The same with one run for each keyspace.
    func flattened() -> Layers {
        var flat = Layers()
        for (ordinal, runs) in runs.enumerated() {
            guard var whole = runs.first else { continue }
            for older in runs.dropFirst() { whole = whole.merged(over: older) }
            flat.runs[ordinal] = [whole]
        }
        return flat
    }
}

/// All that is newer than the file, as of one commit: what readers take, without a lock, as a whole.
final class Overlay: Sendable {
    /// For each keyspace, by ordinal, from the newest to the oldest.
    let runs: [[Run]]
    /// For the writer: the items of what is on its way into the file.
    let frozenItems: NewestEntries?
    /// What rows of the file may refer to.
    let files: ValueFileSet
    /// Which state of the file it belongs to (`StoreState`).
    let fileState: UInt64

    init(active: Layers, frozen: StoreState.Frozen?, files: ValueFileSet, fileState: UInt64) {
        self.files = files
        frozenItems = frozen?.items
        if let frozen = frozen?.layers {
            runs = zip(active.runs, frozen.runs).map { $0.isEmpty ? $1 : $1.isEmpty ? $0 : $0 + $1 }
        } else {
            runs = active.runs
        }
        self.fileState = fileState
    }
}
