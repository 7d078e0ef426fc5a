import Engine

/// One consistent state: an overlay over the state of SQLite's file that a connection has pinned.
struct OverlayView: StoreReader {
    let overlay: Overlay
    let connection: Connection

    private var file: ConnectionView {
        ConnectionView(connection: connection, files: overlay.files)
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        let runs = overlay.runs[keyspace.ordinal]
        if !runs.isEmpty {
            let found = key.withUnsafeBytes { Self.word(Entry($0), in: runs) }
            if let found { return try found.value }
        }
        return try file.get(keyspace, key)
    }

    func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        if let found = Self.word(Entry(key), in: overlay.runs[keyspace.ordinal]) {
            guard !found.isDelete else { return try body(nil) }
            return try found.withValue(body)
        }
        try lookInFile(keyspace, key, body)
    }

    /// The same for a key of which the overlay says nothing.
    func lookInFile(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        try file.look(keyspace, key, body)
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        let runs = overlay.runs[keyspace.ordinal]
        try range(keyspace, over: runs, from: from, to: to, reversed: reversed, body)
    }

    /// A range of these runs and the file.
    func range(
        _ keyspace: Keyspace,
        over runs: [Run],
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        if runs.isEmpty {
            return try file.range(keyspace, from: from, to: to, reversed: reversed, body)
        }
        var walk = try walk(keyspace, over: runs, from: from, to: to, reversed: reversed)
        try walk.forEach(body)
    }

    /// The keys of a range of these runs and the file, with the sizes of their values.
    func sizes(
        _ keyspace: Keyspace,
        over runs: [Run],
        from: [UInt8],
        to: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ valueBytes: Int) throws -> Bool,
    ) throws {
        var walk = try walk(keyspace, over: runs, from: from, to: to, reversed: false)
        try walk.forEachSize(body)
    }

    private func walk(
        _ keyspace: Keyspace,
        over runs: [Run],
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
    ) throws(StoreError) -> OverlayWalk {
        let cursor = try FileCursor(
            keyspace,
            in: file,
            from: from,
            to: to,
            reversed: reversed
        )
        return OverlayWalk(runs, over: cursor, from: from, to: to, reversed: reversed)
    }

    /// The newest entry of a key, which may be a delete; nil where no run knows of it.
    private static func word(_ key: Entry, in runs: [Run]) -> Entry? {
        for run in runs {
            if let entry = run.find(key) { return entry }
            if run.spans.covers(key) {
                return Entry(
                    prefix: key.prefix,
                    key: key.key,
                    key.keyCount,
                    Entry.deleted
                )
            }
        }
        return nil
    }
}
