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

    /// Gives each commit to `body`, in order, with its file and where in that its operations are; and
    /// cuts off what a crash left of an unfinished one.
    func run(
        _ body: (PendingCommit, LogFile, Int) throws(StoreError) -> Void
    ) throws(StoreError) -> Position {
        let numbers = try directory.numbers()
        for number in numbers where number <= flushed { try directory.retire(number) }
        var position = Position(lastFile: nil, number: flushed + 1, end: 0, nextRecord: 1)
        let commit = PendingCommit()
        for number in numbers where number > flushed {
            let expected = position.lastFile.map { $0.number + 1 } ?? flushed + 1
            guard number == expected else {
                throw .damaged(directory.path(expected), "the file is missing")
            }
            let file = try LogFile.open(existing: number, in: directory)
            let first = try firstRecord(of: file)
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
            let end = try replay(file, commit, &position.nextRecord, body)
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
    private func firstRecord(of file: LogFile) throws(StoreError) -> UInt64? {
        guard let head = try head(at: LogFile.headBytes, of: file, try file.length),
            head.number >= file.firstRecord
        else { return nil }
        return head.number
    }

    /// - Returns: where the last record ends.
    private func replay(
        _ file: LogFile,
        _ commit: PendingCommit,
        _ nextRecord: inout UInt64,
        _ body: (PendingCommit, LogFile, Int) throws(StoreError) -> Void,
    ) throws(StoreError) -> Int {
        let length = try file.length
        var end = LogFile.headBytes
        while let record = try record(at: end, of: file, length, number: nextRecord) {
            defer { record.deallocate() }
            commit.clear()
            let bytes = UnsafeRawBufferPointer(rebasing: record[LogRecord.headBytes...])
            guard try Self.perform(bytes, file.keyspaces, in: commit) else {
                throw .damaged(file.path, "record \(nextRecord) holds no operations")
            }
            try body(commit, file, end + LogRecord.headBytes)
            nextRecord += 1
            end += LogRecord.padded(record.count)
        }
        try checkEnd(of: file, from: end, length, nextRecord)
        return end
    }

    /// The record at a place, head and body, if a whole one is there; to be deallocated.
    private func record(
        at offset: Int,
        of file: LogFile,
        _ length: Int,
        number: UInt64,
    ) throws(StoreError) -> UnsafeMutableRawBufferPointer? {
        guard let found = try head(at: offset, of: file, length),
            found.number == number,
            offset + LogRecord.headBytes + found.bodyBytes <= length
        else { return nil }
        let record = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LogRecord.headBytes + found.bodyBytes,
            alignment: LogRecord.alignment
        )
        do throws(StoreError) {
            try file.read(record, at: offset)
        } catch {
            record.deallocate()
            throw error
        }
        let body = UnsafeRawBufferPointer(rebasing: record[LogRecord.headBytes...])
        if Checksum.of(body, seed: file.salt) == found.bodyChecksum { return record }
        record.deallocate()
        return nil
    }

    /// The head of a record at a place, if one is there.
    private func head(
        at offset: Int,
        of file: LogFile,
        _ length: Int,
    ) throws(StoreError) -> LogRecord.Head? {
        guard offset + LogRecord.headBytes <= length else { return nil }
        let head = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LogRecord.headBytes,
            alignment: LogRecord.alignment
        )
        defer { head.deallocate() }
        try file.read(head, at: offset)
        return LogRecord.head(UnsafeRawBufferPointer(head), salt: file.salt)
    }

    /// Makes the operations of a record those of `commit`.
    /// - Returns: false where they are none.
    private static func perform(
        _ body: UnsafeRawBufferPointer,
        _ keyspaces: [Keyspace],
        in commit: PendingCommit,
    ) throws(StoreError) -> Bool {
        var operations = LogOperations(body)
        while !operations.isAtEnd {
            guard let operation = operations.next(), operation.keyspaceIndex < keyspaces.count
            else { return false }
            let ordinal = keyspaces[operation.keyspaceIndex].ordinal
            switch operation.kind {
            case .put: try commit.put(ordinal, operation.first, operation.second)
            case .delete: try commit.delete(ordinal, operation.first)
            case .deleteRange:
                try commit.deleteRange(ordinal, from: operation.first, to: operation.second)
            case .deleteFrom: try commit.deleteRange(ordinal, from: operation.first, to: nil)
            }
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
        _ length: Int,
        _ nextRecord: UInt64,
    ) throws(StoreError) {
        guard end < length else { return }
        let rest = UnsafeMutableRawBufferPointer.allocate(
            byteCount: length - end,
            alignment: LogRecord.alignment
        )
        defer { rest.deallocate() }
        try file.read(rest, at: end)
        var offset = 0
        while offset + LogRecord.headBytes <= rest.count {
            let bytes = UnsafeRawBufferPointer(
                rebasing: rest[offset..<offset + LogRecord.headBytes]
            )
            if let head = LogRecord.head(bytes, salt: file.salt), head.number > nextRecord {
                throw .damaged(
                    file.path,
                    "record \(nextRecord) cannot be read, but a later one is there",
                )
            }
            offset += LogRecord.alignment
        }
    }
}
