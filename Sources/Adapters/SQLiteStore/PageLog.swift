import CSQLite
import Engine
import Glibc
import Synchronization

/// SQLite's WAL, as lines of pages that were changed, in a file of their own.
///
/// Problem: a flush of random keys changes half a kilobyte of each page. To the WAL that page went as a whole, so all
/// that a flush changed went to the disk whole twice, and the log's syncs waited behind it: with 5,000,000 items
/// and no WAL on the disk there were 12 to 21 % more puts (Benchmarks, "lines of pages").
///
/// Idea: SQLite's WAL is a file of this class's making (`StoreVFS`). Of each page that SQLite writes to it, its file has the
/// lines that differ from what the store's file has (`PageDifference`); whoever reads the page is given the store's
/// with these lines over it.
///
/// The WAL starts over again and again, with its head each time: a *cycle*. SQLite does so when all of it is in the store's file,
/// which is synced, and nobody reads by way of it.
///
/// **Invariants.**
///
/// - What a cycle has of a page first is what differs from the page in the store's file, as that was when the cycle began. Until
///   the cycle ends the file has that page, a later one of the cycle, or, after a crash, parts of several.
///   Anything later is there as a whole. So the last one of a cycle, put over the file's page, gives the page.
/// - A snapshot reads a page from the WAL only while the file has that very page, the one from before the cycle, or a
///   mixture of both: SQLite writes nothing back that a reader is not yet to see.
/// - A page goes to the store's file only when the lines that lead to it are durable: SQLite syncs the WAL before.
///
/// So a start after a crash needs nothing of SQLite's: it puts the lines of all commits over the pages
/// (`PageLogReplay`), and SQLite finds an empty WAL.
///
/// The file: a head of 4 KiB (`PageLogHead`), then chunks, each a `LogRecord` whose number says after how many syncs
/// of the cycle it was written, with pages one behind another (`PageLogEntry`).
///
/// `@unchecked Sendable`: `frames` has its lock; the rest is used by the one connection that writes, or before there are
/// any.
final class PageLog: @unchecked Sendable {
    /// SQLite's head of a WAL, and of each frame: https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
    static let walHeadBytes = 32
    static let frameHeadBytes = 24
    static let frameBytes = frameHeadBytes + Keyspaces.pageBytes
    /// Most bytes that are collected before they go to the file.
    static let chunkBytesMax = 256 << 10

    /// One page in SQLite's WAL.
    private struct Frame {
        var head: (UInt64, UInt64, UInt64)
        /// Below 0 before the page came.
        private var start = -1
        /// Nothing before the page came.
        var difference = PageDifference(mask: 0)

        init(head: (UInt64, UInt64, UInt64)) {
            self.head = head
        }

        /// Where its lines lie in the file; nil before the page came.
        var place: Int? {
            get { start < 0 ? nil : start }
            set { start = newValue ?? -1 }
        }

        /// Frames have their numbers with the highest byte first.
        var page: UInt32 { UInt32(truncatingIfNeeded: head.0).byteSwapped }
        /// How many pages the store has after the commit that this page ends; 0 where it ends none.
        var pagesAfterCommit: UInt32 { UInt32(truncatingIfNeeded: head.0 >> 32).byteSwapped }
    }

    private struct Frames {
        var walHead: [UInt8]?
        var all: [Frame] = []
        /// Where the next chunk goes: all before is in the file.
        var end = PageLogHead.bytes
    }

    private let file: Descriptor
    private let map: FileMap
    /// It stays as long as that when it starts over.
    private let bytesKept: Int
    private let frames = Mutex(Frames())
    private var head: PageLogHead
    /// How often the file was synced in this cycle.
    private var syncs: UInt64 = 0
    private var isSynced = true
    /// Whether a commit need not be durable when SQLite takes it for that.
    ///
    /// A later sync makes it so. After a crash before that, all commits up to one may be there, or none.
    var putsOffSyncs = false
    /// Pages of which the cycle has something.
    private var pagesHad = PageNumbers()
    /// A chunk: room for its head, and what was collected.
    private let chunk: UnsafeMutableRawBufferPointer
    private var chunkBytes = LogRecord.headBytes
    private let base: UnsafeMutableRawBufferPointer
    /// The file of the connection that writes back, as a number; 0 while none does.
    private let writingBack = Atomic<UInt>(0)
    /// The page of which that was given the lines last.
    private var given: (page: UInt32, difference: PageDifference)?
    /// The first error: what was to be written is lost, and nothing is written any more.
    private var failure: StoreError?

    /// The file behind a path, which is made if it is missing; what it has for the store's file is in there already
    /// (`PageLogReplay`).
    init(path: String, map: FileMap, bytesKept: Int) throws(StoreError) {
        file = try Descriptor(path, O_RDWR | O_CREAT)
        self.map = map
        self.bytesKept = bytesKept
        head = try PageLogHead(of: file) ?? PageLogHead()
        chunk = .allocate(byteCount: Self.chunkBytesMax, alignment: LogRecord.alignment)
        base = .allocate(byteCount: Keyspaces.pageBytes, alignment: PageDifference.lineBytes)
    }

    deinit {
        chunk.deallocate()
        base.deallocate()
    }

    // MARK: Reading

    /// How long the WAL is, for SQLite.
    var walBytes: Int {
        frames.withLock { frames in
            frames.walHead == nil ? 0 : Self.walHeadBytes + frames.all.count * Self.frameBytes
        }
    }

    /// Reads bytes of the WAL.
    ///
    /// - Returns: how many there are; fewer than are asked for at its end.
    func read(
        _ target: UnsafeMutableRawBufferPointer,
        at offset: Int,
    ) throws(StoreError) -> Int {
        if target.count == Keyspaces.pageBytes, offset >= Self.walHeadBytes {
            let (index, start) = Self.frame(at: offset)
            if start == Self.frameHeadBytes {
                guard let frame = try frame(index), let place = frame.place else { return 0 }
                try readPage(of: frame, at: place, to: target)
                return target.count
            }
        }
        var done = 0
        while done < target.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
            let count = try readPiece(rest, at: offset + done)
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// Reads what one frame has, or the WAL's head.
    private func readPiece(
        _ target: UnsafeMutableRawBufferPointer,
        at offset: Int,
    ) throws(StoreError) -> Int {
        if offset < Self.walHeadBytes {
            guard let walHead = frames.withLock({ $0.walHead }) else { return 0 }
            let bytes = walHead[offset...].prefix(target.count)
            target.copyBytes(from: bytes)
            return bytes.count
        }
        let (index, start) = Self.frame(at: offset)
        guard let frame = try frame(index), let place = frame.place else { return 0 }
        if start < Self.frameHeadBytes {
            return withUnsafeBytes(of: frame.head) { head in
                let bytes = head[start...].prefix(target.count)
                target.copyBytes(from: bytes)
                return bytes.count
            }
        }
        let page = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Keyspaces.pageBytes,
            alignment: LogRecord.alignment,
        )
        defer { page.deallocate() }
        try readPage(of: frame, at: place, to: page)
        let bytes = page[(start - Self.frameHeadBytes)...].prefix(target.count)
        target.copyBytes(from: bytes)
        return bytes.count
    }

    /// In which frame a place of the WAL behind its head lies, and where in there.
    private static func frame(at offset: Int) -> (index: Int, start: Int) {
        let (index, start) = (offset - walHeadBytes).quotientAndRemainder(dividingBy: frameBytes)
        return (index, start)
    }

    /// A frame, whose lines are in the file; nil where the WAL has none there.
    private func frame(_ index: Int) throws(StoreError) -> Frame? {
        let (frame, end) = frames.withLock { frames in
            (index < frames.all.count ? frames.all[index] : nil, frames.end)
        }
        // What was not synced, only the connection that writes it reads. An entry may be without lines, and its place
        // the chunk's end.
        if let place = frame?.place, place - PageLogEntry.headBytes >= end { try settle() }
        return frame
    }

    private func readPage(
        of frame: Frame,
        at place: Int,
        to page: UnsafeMutableRawBufferPointer,
    ) throws(StoreError) {
        if frame.difference.isWhole { return try file.read(page, at: place) }
        guard readBase(of: frame.page, to: page) else {
            throw .damaged(file.path, "page \(frame.page) of the store's file cannot be read")
        }
        try readLines(of: frame.difference, at: place, over: page)
    }

    private func readLines(
        of difference: PageDifference,
        at place: Int,
        over page: UnsafeMutableRawBufferPointer,
    ) throws(StoreError) {
        try withUnsafeTemporaryAllocation(
            byteCount: difference.bytesCount,
            alignment: LogRecord.alignment,
        ) { lines throws(StoreError) in
            try file.read(lines, at: place)
            difference.put(UnsafeRawBufferPointer(lines), over: page)
        }
    }

    /// A page as the store's file has it, if it does.
    private func readBase(of page: UInt32, to target: UnsafeMutableRawBufferPointer) -> Bool {
        guard page > 0, let base = target.baseAddress else { return false }
        return map.read(base, at: (Int(page) - 1) * Keyspaces.pageBytes, Keyspaces.pageBytes)
    }

    // MARK: Writing back

    /// SQLite begins to take pages from the WAL to the store's file, over the connection with that file for a WAL.
    func beginWritingBack(over file: UnsafeMutableRawPointer?) {
        writingBack.store(UInt(bitPattern: file), ordering: .relaxed)
    }

    func endWritingBack() {
        writingBack.store(0, ordering: .relaxed)
        given = nil
    }

    /// Whether that is the file of the connection that writes back at present, which is asking.
    func isWritingBack(over file: UnsafeMutableRawPointer) -> Bool {
        writingBack.load(ordering: .relaxed) == UInt(bitPattern: file)
    }

    /// Reads a page that SQLite is to write to the store's file: its lines, and what is not in them is left as it is.
    ///
    /// SQLite looks at none of it. To write the page, it has to be asked for by `takeGiven` next.
    ///
    /// - Returns: false where this is none for that; then nothing was read.
    func readToWriteBack(
        _ target: UnsafeMutableRawBufferPointer,
        at offset: Int,
    ) throws(StoreError) -> Bool {
        let (index, start) = Self.frame(at: offset)
        guard target.count == Keyspaces.pageBytes, offset >= Self.walHeadBytes,
            start == Self.frameHeadBytes, given == nil,
            let frame = try frame(index), let place = frame.place,
            // The first one has the file's head, at which SQLite looks.
            frame.page > 1, !frame.difference.isWhole
        else { return false }
        try readLines(of: frame.difference, at: place, over: target)
        given = (frame.page, frame.difference)
        return true
    }

    /// Of a page that SQLite writes back, in which lines it differs from the file's: there alone it is what it should be.
    ///
    /// - Returns: nil where another one was to be written.
    func takeGiven(_ page: UInt32) -> PageDifference? {
        guard let given else { return .whole }
        self.given = nil
        return given.page == page ? given.difference : nil
    }

    // MARK: Writing

    /// Writes bytes of the WAL: its head, a frame's head, or the page behind that.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        try unlessFailed { () throws(StoreError) in
            if offset == 0, bytes.count == Self.walHeadBytes { return try startOver(bytes) }
            let (index, start) = Self.frame(at: offset)
            switch (start, bytes.count) {
            case (0, Self.frameHeadBytes): try setHead(of: index, bytes)
            case (Self.frameHeadBytes, Keyspaces.pageBytes): try addPage(to: index, bytes)
            default: throw .damaged(file.path, "SQLite writes its WAL in a way unknown here")
            }
        }
    }

    /// Makes durable what was written, or has it sent to the disk where syncs are put off.
    func sync() throws(StoreError) {
        try unlessFailed { () throws(StoreError) in
            try settle()
            guard !isSynced, !putsOffSyncs else { return }
            try file.sync()
            isSynced = true
            syncs += 1
        }
    }

    /// Takes note that all of it is in the store's file, which was synced: a start need not look at it.
    func allWritten() throws(StoreError) {
        try note(isClosed: false)
    }

    /// Takes note that SQLite did away with the WAL, all of which is in the store's file.
    func wasRemoved() throws(StoreError) {
        try note(isClosed: true)
        frames.withLock { ($0.walHead, $0.all) = (nil, []) }
    }

    private func note(isClosed: Bool) throws(StoreError) {
        try unlessFailed { () throws(StoreError) in
            let (end, isBegun) = frames.withLock { ($0.end, $0.walHead != nil) }
            guard isBegun, head.start != end || head.isClosed != isClosed else { return }
            (head.start, head.syncs, head.isClosed) = (end, syncs, isClosed)
            try head.write(to: file)
        }
    }

    /// Begins a cycle.
    private func startOver(_ walHead: UnsafeRawBufferPointer) throws(StoreError) {
        chunkBytes = LogRecord.headBytes
        pagesHad.removeAll()
        frames.withLock { frames in
            frames.walHead = Array(walHead)
            // After a snapshot that was held for long there were many.
            let isUsual = frames.all.count <= bytesKept / Keyspaces.pageBytes
            frames.all.removeAll(keepingCapacity: isUsual)
            frames.end = PageLogHead.bytes
        }
        head = PageLogHead(cycle: head.cycle + 1)
        (syncs, isSynced) = (0, true)
        // Before anything of it: what is left of the last cycle would be taken for this one's.
        try head.write(to: file)
        if try file.length > bytesKept { try file.cut(to: bytesKept) }
    }

    private func setHead(of index: Int, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        typealias Head = (UInt64, UInt64, UInt64)
        let head = bytes.loadUnaligned(as: Head.self)
        let isNext = frames.withLock { frames in
            guard frames.walHead != nil, index <= frames.all.count else { return false }
            if index == frames.all.count {
                frames.all.append(Frame(head: head))
            } else {
                frames.all[index].head = head
            }
            return true
        }
        guard isNext else {
            throw .damaged(file.path, "frame \(index) of SQLite's WAL does not follow")
        }
    }

    private func addPage(to index: Int, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        let known = frames.withLock { index < $0.all.count ? $0.all[index] : nil }
        guard var frame = known, frame.page > 0 else {
            throw .damaged(file.path, "frame \(index) of SQLite's WAL has no head")
        }
        frame.difference = .whole
        if pagesHad.insert(frame.page), readBase(of: frame.page, to: base) {
            frame.difference = PageDifference(of: bytes, from: UnsafeRawBufferPointer(base))
        }
        let entry = PageLogEntry(
            frame: UInt32(clamping: index),
            page: frame.page,
            pagesAfterCommit: frame.pagesAfterCommit,
            difference: frame.difference,
        )
        if chunk.count - chunkBytes < entry.bytesCount { try settle() }
        entry.write(
            bytes,
            to: UnsafeMutableRawBufferPointer(rebasing: chunk[chunkBytes...]),
        )
        let start = chunkBytes + PageLogEntry.headBytes
        chunkBytes += entry.bytesCount
        let settled = frame
        frames.withLock { frames in
            frames.all[index] = settled
            frames.all[index].place = frames.end + start
        }
    }

    /// Writes what was collected to the file.
    private func settle() throws(StoreError) {
        guard chunkBytes > LogRecord.headBytes else { return }
        try unlessFailed { () throws(StoreError) in
            let whole = UnsafeMutableRawBufferPointer(rebasing: chunk[..<chunkBytes])
            let body = UnsafeRawBufferPointer(rebasing: whole[LogRecord.headBytes...])
            LogRecord.write(
                head: whole,
                number: syncs,
                body: body,
                checksum: Checksum.of(body, seed: head.salt),
                salt: head.salt,
            )
            isSynced = false
            let end = frames.withLock { $0.end }
            try file.write(UnsafeRawBufferPointer(whole), at: end)
            // Little is left to wait for then.
            if putsOffSyncs { file.beginSync(of: whole.count, at: end) }
            frames.withLock { $0.end = end + whole.count }
            chunkBytes = LogRecord.headBytes
        }
    }

    private func unlessFailed(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        if let failure { throw failure }
        do throws(StoreError) {
            try body()
        } catch {
            failure = error
            throw error
        }
    }
}

/// Numbers of pages, a bit each.
private struct PageNumbers {
    private var words: [UInt64] = []

    /// - Returns: false where it was there.
    mutating func insert(_ number: UInt32) -> Bool {
        let (word, bit) = (Int(number / 64), UInt64(1) << UInt64(number % 64))
        if word >= words.count {
            words += Array(repeating: 0, count: word + 1 - words.count)
        }
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }

    mutating func removeAll() {
        words.removeAll(keepingCapacity: true)
    }
}
