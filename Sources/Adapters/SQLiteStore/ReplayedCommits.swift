import Engine

/// The commits that a start finds in the log, as layers: one run for many of them.
///
/// A run for each commit, as the writer makes them, is looked up, copied and merged for each: a start
/// that found 270,000 puts took 1.1 s that way.
struct ReplayedCommits {
    /// So many operations of a keyspace become one run; as usual 1.5 MiB of entries.
    private let entriesMax: Int
    private let arena: Arena
    private(set) var layers = Layers()
    /// How much memory it takes.
    private(set) var bytes = 0
    /// For each keyspace, by ordinal: what is in no run yet, as it came.
    private var entries = Array(repeating: [Entry](), count: Keyspace.allCases.count)

    /// Whether SQLite's file is a large one.
    private let isLarge: Bool

    init(in arena: Arena, besideLarge isLarge: Bool, entriesMax: Int = 1 << 16) {
        self.isLarge = isLarge
        self.arena = arena
        self.entriesMax = entriesMax
    }

    /// Adds an operation, later than all before it, whose parts, `first` and then `second`, stand in the log from `place` on.
    mutating func add(
        _ operation: LogOperation,
        of keyspace: Keyspace,
        from log: LogFile,
        at place: Int,
    ) throws(StoreError) {
        arena.hold(log)
        switch operation.kind {
        case .put:
            try add(operation.entry(operation.second.count), of: keyspace, from: log, at: place)
        case .delete:
            try add(operation.entry(nil), of: keyspace, from: log, at: place)
        case .deleteRange:
            deleteRange(of: keyspace, from: Array(operation.first), to: Array(operation.second))
        case .deleteFrom:
            deleteRange(of: keyspace, from: Array(operation.first), to: nil)
        }
    }

    /// Makes runs of all that was added.
    mutating func finish() {
        for ordinal in entries.indices { makeRun(ordinal) }
    }

    private mutating func add(
        _ entry: Entry,
        of keyspace: Keyspace,
        from log: LogFile,
        at place: Int,
    ) throws(StoreError) {
        if LoggedValue.mayHold(keyspace, besideLarge: isLarge),
            let logged = try entry.logged(in: log, at: place, keyIn: arena)
        {
            entries[keyspace.ordinal].append(logged)
            bytes += logged.residentBytes
        } else {
            entries[keyspace.ordinal].append(try entry.kept(in: arena))
            bytes += entry.byteCount
        }
        if entries[keyspace.ordinal].count == entriesMax { makeRun(keyspace.ordinal) }
    }

    private mutating func deleteRange(of keyspace: Keyspace, from: [UInt8], to: [UInt8]?) {
        // A run's entries are newer than its spans.
        makeRun(keyspace.ordinal)
        var spans = KeySpans()
        spans.insert(from: from, to: to)
        guard !spans.isEmpty else { return }
        add(Run(entries: [], spans: spans, arena: arena), keyspace.ordinal)
    }

    private mutating func makeRun(_ ordinal: Int) {
        guard !entries[ordinal].isEmpty else { return }
        // A stable sort: of one key's entries, the last is the latest.
        entries[ordinal].sort { $0.order($1) < 0 }
        var latest: [Entry] = []
        latest.reserveCapacity(entries[ordinal].count)
        for entry in entries[ordinal] {
            if let last = latest.last, last.order(entry) == 0 { latest.removeLast() }
            latest.append(entry)
        }
        entries[ordinal].removeAll(keepingCapacity: true)
        add(Run(entries: latest, spans: KeySpans(), arena: arena), ordinal)
    }

    private mutating func add(_ run: Run, _ ordinal: Int) {
        bytes += run.weight * MemoryLayout<Entry>.stride
        layers.add(run, ordinal: ordinal)
    }
}

extension LogOperation {
    /// The key with its value, which follows it, or as a deleted one.
    fileprivate func entry(_ valueCount: Int?) -> Entry {
        let none = Entry(first)
        return Entry(
            prefix: none.prefix,
            key: none.key,
            none.keyCount,
            valueCount.map { Int32(truncatingIfNeeded: $0) } ?? Entry.deleted,
        )
    }
}
