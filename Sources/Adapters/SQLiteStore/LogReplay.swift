import Engine
import Glibc

/// Reads the commits that are not in SQLite's file yet, at a start.
struct LogReplay {
    /// Where the log goes on.
    struct Position {
        /// The file to append to; nil where a file of this number is to be made.
        var lastFile: LogFile?
        var number: UInt64
        var end: Int
        var nextRecord: UInt64
    }

    let directory: LogDirectory
    /// The last file whose commits are all in SQLite's file.
    let flushed: UInt64

    /// Adds all commits, in order; what a crash left of an unfinished one is none.
    func run(into commits: inout ReplayedCommits) throws(StoreError) -> Position {
        let numbers = try directory.numbers()
        for number in numbers where number <= flushed { try directory.retire(number) }
        var position = Position(lastFile: nil, number: flushed + 1, end: 0, nextRecord: 1)
        for number in numbers where number > flushed {
            let expected = position.lastFile.map { $0.number + 1 } ?? flushed + 1
            guard number == expected else {
                throw .damaged(directory.path(expected), "the file is missing")
            }
            let file = try LogFile.open(existing: number, in: directory)
            let window = try LogWindow(file)
            let first = try firstRecord(of: file, in: window)
            if let last = position.lastFile {
                guard first ?? position.nextRecord == position.nextRecord,
                    file.firstRecord <= position.nextRecord
                else {
                    throw .damaged(
                        last.path,
                        "record \(position.nextRecord) of the log cannot be read"
                    )
                }
            } else {
                position.nextRecord = first ?? file.firstRecord
            }
            let end = try replay(file, window, &position.nextRecord, into: &commits)
            if end == LogFile.headBytes, position.lastFile != nil, number == numbers.last {
                // Made before it was needed: the log goes on in the one before, and no later start may
                // find what a crash left in this one.
                try directory.retire(number)
                try DirectoryLock.sync(directory.directory)
                continue
            }
            position.lastFile = file
            position.number = number
            position.end = end
        }
        guard position.lastFile != nil || flushed == 0 else {
            throw .damaged(directory.path(flushed + 1), "the file is missing")
        }
        return position
    }

    /// The number of the record that stands at a file's beginning, if one does that may.
    private func firstRecord(
        of file: LogFile,
        in window: LogWindow,
    ) throws(StoreError) -> UInt64? {
        let bytes = try window.bytes(at: LogFile.headBytes, LogRecord.headBytes)
        guard let bytes, let head = LogRecord.head(bytes, salt: file.salt),
            head.number >= file.firstRecord
        else { return nil }
        return head.number
    }

    /// - Returns: where the last record ends.
    private func replay(
        _ file: LogFile,
        _ window: LogWindow,
        _ nextRecord: inout UInt64,
        into commits: inout ReplayedCommits,
    ) throws(StoreError) -> Int {
        var end = LogFile.headBytes
        while let body = try body(at: end, of: file, in: window, number: nextRecord) {
            guard try add(body, of: file, at: end + LogRecord.headBytes, to: &commits) else {
                throw .damaged(file.path, "record \(nextRecord) holds no operations")
            }
            nextRecord += 1
            end += LogRecord.padded(LogRecord.headBytes + body.count)
        }
        try checkEnd(of: file, from: end, in: window, nextRecord)
        return end
    }

    /// The operations of the record at a place, if a whole one of this number is there; until the
    /// window's next call.
    private func body(
        at offset: Int,
        of file: LogFile,
        in window: LogWindow,
        number: UInt64,
    ) throws(StoreError) -> UnsafeRawBufferPointer? {
        guard let bytes = try window.bytes(at: offset, LogRecord.headBytes),
            let head = LogRecord.head(bytes, salt: file.salt),
            head.number == number,
            let body = try window.bytes(at: offset + LogRecord.headBytes, head.bodyBytes),
            Checksum.of(body, seed: file.salt) == head.bodyChecksum
        else { return nil }
        return body
    }

    /// Adds the operations of a record, which stand in the file from `place` on.
    /// - Returns: false where they are none.
    private func add(
        _ body: UnsafeRawBufferPointer,
        of file: LogFile,
        at place: Int,
        to commits: inout ReplayedCommits,
    ) throws(StoreError) -> Bool {
        var operations = LogOperations(body)
        while !operations.isAtEnd {
            guard let operation = operations.next(),
                operation.keyspaceIndex < file.keyspaces.count
            else { return false }
            let parts = operation.first.count + operation.second.count
            try commits.add(
                operation,
                of: file.keyspaces[operation.keyspaceIndex],
                from: file,
                at: place + body.count - operations.bytesLeft - parts,
            )
        }
        return true
    }

    /// Tells a crash from damage.
    ///
    /// Where reading stopped, a crash may have left part of one record, for which nobody has an
    /// answer. But a later record is written only after the one before is durable: if there is
    /// one, the log is damaged.
    private func checkEnd(
        of file: LogFile,
        from end: Int,
        in window: LogWindow,
        _ nextRecord: UInt64,
    ) throws(StoreError) {
        var start = end
        while let bytes = try window.rest(from: start), bytes.count >= LogRecord.headBytes {
            if hasHead(bytes, of: file, after: nextRecord) {
                throw .damaged(
                    file.path,
                    "record \(nextRecord) cannot be read, but a later one is there",
                )
            }
            start += (bytes.count - LogRecord.headBytes) / LogRecord.alignment * LogRecord.alignment
            start += LogRecord.alignment
        }
    }

    /// Whether the head of a later record stands anywhere in these bytes, as a whole.
    private func hasHead(
        _ bytes: UnsafeRawBufferPointer,
        of file: LogFile,
        after number: UInt64,
    ) -> Bool {
        let places = stride(
            from: 0,
            through: bytes.count - LogRecord.headBytes,
            by: LogRecord.alignment
        )
        return places.contains { place in
            guard LogRecord.isMarked(bytes, at: place) else { return false }
            let head = LogRecord.head(
                UnsafeRawBufferPointer(rebasing: bytes[place...]),
                salt: file.salt
            )
            return head.map { $0.number > number } ?? false
        }
    }
}
