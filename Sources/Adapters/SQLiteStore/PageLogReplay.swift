import Engine
import Glibc

/// Puts what a crash left in the page log into the store's file, at a start.
///
/// What is run twice gives the same, so a crash meanwhile loses nothing.
///
/// No connection may be open: to close the store's file gives up the locks of this process on it.
final class PageLogReplay {
    private let file: Descriptor
    private var head: PageLogHead
    /// SQLite's WAL.
    private var frames = PageLogFrames()
    private let chunk = UnsafeMutableRawBufferPointer.allocate(
        byteCount: PageLog.chunkBytesMax,
        alignment: LogRecord.alignment,
    )

    /// Does it; makes neither of the two files.
    static func run(log logPath: String, store storePath: String) throws(StoreError) {
        guard access(logPath, F_OK) == 0 else { return }
        let file = try Descriptor(logPath, O_RDWR)
        guard let head = try PageLogHead(of: file), !head.isClosed else { return }
        let replay = PageLogReplay(file, head)
        try replay.read()
        // A crash of the process leaves in the kernel's memory what the disk may never get.
        try replay.file.sync()
        try replay.write(to: Descriptor(storePath, O_RDWR))
    }

    private init(_ file: consuming Descriptor, _ head: PageLogHead) {
        self.file = file
        self.head = head
    }

    deinit {
        chunk.deallocate()
    }

    private func read() throws(StoreError) {
        while let body = try nextBody() {
            let place = head.start + LogRecord.headBytes
            guard frames.add(body, at: place) else {
                throw .damaged(file.path, "the chunk at \(head.start) holds no pages")
            }
            head.start = place + body.count
        }
        try checkEnd()
    }

    /// The pages of the chunk where the head says, if a whole one is there.
    private func nextBody() throws(StoreError) -> UnsafeRawBufferPointer? {
        guard let record = try record(at: head.start),
            // Of the same transaction, or the one behind it.
            record.number == head.syncs || record.number == head.syncs + 1
        else { return nil }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: chunk[..<record.bodyBytes])
        try file.read(bytes, at: head.start + LogRecord.headBytes)
        let body = UnsafeRawBufferPointer(bytes)
        guard Checksum.of(body, seed: head.salt) == record.bodyChecksum else { return nil }
        head.syncs = record.number
        return body
    }

    /// The head of a chunk that stands as a whole before the file's end, if one does.
    private func record(at place: Int) throws(StoreError) -> LogRecord.Head? {
        let length = try file.length
        guard place + LogRecord.headBytes <= length else { return nil }
        var words = InlineArray<4, UInt64>(repeating: 0)
        let record = try withUnsafeMutableBytes(of: &words) { bytes throws(StoreError) in
            try file.read(bytes, at: place)
            return LogRecord.head(UnsafeRawBufferPointer(bytes), salt: head.salt)
        }
        guard let record, record.bodyBytes <= PageLog.chunkBytesMax - LogRecord.headBytes,
            place + LogRecord.headBytes + record.bodyBytes <= length
        else { return nil }
        return record
    }

    /// Tells a crash from damage.
    ///
    /// Where reading stopped, a crash may have left parts of what was written since the last sync, or one sync more: which of the
    /// two cannot be told. What has a later number was written when these were durable.
    private func checkEnd() throws(StoreError) {
        let length = try file.length
        var start = head.start
        while start + LogRecord.headBytes <= length {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: chunk[..<min(chunk.count, length - start)]
            )
            try file.read(piece, at: start)
            let bytes = UnsafeRawBufferPointer(piece)
            let places = stride(
                from: 0,
                through: bytes.count - LogRecord.headBytes,
                by: LogRecord.alignment,
            )
            for place in places where LogRecord.isMarked(bytes, at: place) {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
                if let later = LogRecord.head(rest, salt: head.salt), later.number > head.syncs + 1
                {
                    throw .damaged(
                        file.path,
                        "the chunk at \(head.start) cannot be read, but a later one is there",
                    )
                }
            }
            start += places.underestimatedCount * LogRecord.alignment
        }
    }

    /// Puts the lines of all commits over the pages of the store's file.
    private func write(to store: borrowing Descriptor) throws(StoreError) {
        guard let pages = frames.pagesAfterCommit else { return }
        try checkFormat(of: store)
        let length = pages * Keyspaces.pageBytes
        // A commit adds pages that are in the log, but for those that are free.
        let lengthMax =
            try store.length + frames.pages.count * Keyspaces.pageBytes + Self.freeBytesMax
        guard length <= lengthMax else { throw .damaged(file.path, "it is of another store") }
        // SQLite heeds no page behind the last either.
        for frame in frames.inOrder where frame.entry.page <= pages {
            let difference = frame.entry.difference
            let lines = UnsafeMutableRawBufferPointer(rebasing: chunk[..<difference.bytesCount])
            try file.read(lines, at: frame.place)
            let start = (Int(frame.entry.page) - 1) * Keyspaces.pageBytes
            try difference.forEachStretch { stretch, place throws(StoreError) in
                let bytes = UnsafeRawBufferPointer(rebasing: lines[place])
                try store.write(bytes, at: start + stretch.lowerBound)
            }
        }
        if try store.length < length { try store.cut(to: length) }
        try store.sync()
        // A start that follows has nothing to do.
        head.isClosed = true
        try head.write(to: file)
    }
}

extension PageLogReplay {
    /// What SQLite allows a store to have more than its file and its WAL (`walCheckpoint` of its `wal.c`), and more.
    fileprivate static let freeBytesMax = 1 << 20

    /// Where a file of SQLite's has its `user_version`, with the highest byte first
    /// (https://www.sqlite.org/fileformat2.html#the_database_header).
    fileprivate static let formatOffset = 60

    /// Looks at the format that the store's file has itself, in its `user_version`.
    fileprivate func checkFormat(of store: borrowing Descriptor) throws(StoreError) {
        var bytes: UInt32 = 0
        try withUnsafeMutableBytes(of: &bytes) { bytes throws(StoreError) in
            try store.read(bytes, at: Self.formatOffset)
        }
        let format = Int(bytes.bigEndian)
        try Migrations.checkKnown(format, path: store.path)
        guard format >= Migrations.formatWithPageLog else {
            throw .damaged(file.path, "it is of another store")
        }
    }
}

/// SQLite's WAL as a page log tells of it.
struct PageLogFrames {
    struct Frame {
        let entry: PageLogEntry
        /// Where its lines lie in the file.
        let place: Int
    }

    /// More than one commit has.
    private static let uncommittedMax = 1 << 20

    /// The last frame of each page in what was committed.
    private(set) var pages: [UInt32: Frame] = [:]
    /// How many pages the store has after the last commit; nil where there is none.
    private(set) var pagesAfterCommit: Int?
    /// What came behind the last commit, by the place in the WAL.
    private var uncommitted: [UInt32: Frame] = [:]
    /// The place of the frame that ends the last commit.
    private var last: UInt32?

    /// The last frame of each page, in the order of the pages.
    var inOrder: [Frame] {
        pages.values.sorted { $0.entry.page < $1.entry.page }
    }

    /// Adds the pages of a chunk, which stand in the file from `place` on.
    ///
    /// - Returns: false where they are none.
    mutating func add(_ body: UnsafeRawBufferPointer, at place: Int) -> Bool {
        var offset = 0
        while offset < body.count {
            let bytes = UnsafeRawBufferPointer(rebasing: body[offset...])
            guard let entry = PageLogEntry(bytes) else { return false }
            // What is committed is never written over.
            if let last, entry.frame <= last { return false }
            uncommitted[entry.frame] = Frame(
                entry: entry,
                place: place + offset + PageLogEntry.headBytes,
            )
            if entry.pagesAfterCommit > 0 { commit(through: entry) }
            guard uncommitted.count <= Self.uncommittedMax else { return false }
            offset += entry.bytesCount
        }
        return true
    }

    /// What lies behind the commit is of a transaction that was taken back, which had more frames.
    private mutating func commit(through end: PageLogEntry) {
        for frame in uncommitted.values where frame.entry.frame <= end.frame {
            if let other = pages[frame.entry.page], other.entry.frame > frame.entry.frame {
                continue
            }
            pages[frame.entry.page] = frame
        }
        uncommitted.removeAll(keepingCapacity: true)
        last = end.frame
        pagesAfterCommit = Int(end.pagesAfterCommit)
    }
}
