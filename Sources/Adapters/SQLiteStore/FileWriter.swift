import CSQLite
import Engine
import Glibc

/// The one connection that writes to SQLite's file, used by the flusher alone once it is open, on one of its
/// two threads at a time.
final class FileWriter {
    /// Pages come in key order: few are needed twice, but a part of 256 KiB has some 420.
    ///
    /// What a part changes beyond them goes to the WAL before the part's end.
    private static let cacheKibibytes = 4 * 1_024

    /// Pages are written back when so many are in the WAL and they are such a share of the file's.
    private static let writeBackPagesMin = 2_000
    private static let shareWrittenBack = 16

    private let bounds: StoreBounds
    private let pages: SharedPages
    private let connection: Connection
    private let log: WriteAheadLog
    private let state: StoreState
    private let apart: ValueFiles
    private let pagesBack: WriteBack
    private let blocks: BlockWriter
    /// To which no row refers any more, as soon as that is durable.
    private var filesLeft: [ValueFile] = []

    init(
        directory: String,
        path: String,
        lock: DirectoryLock,
        pages: SharedPages,
        bounds: StoreBounds,
        log: WriteAheadLog,
        state: StoreState,
        left: LeftFiles,
        converting: (_ pairs: Int) -> Void,
    ) throws(StoreError) {
        self.bounds = bounds
        self.pages = pages
        self.log = log
        self.state = state
        pagesBack = WriteBack(pages.map, pages.log)
        try Self.prepare(path, lock: lock, pages: pages, converting)
        connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: Self.cacheKibibytes,
            pages: pages,
            writeBack: pagesBack,
        )
        blocks = BlockWriter(connection)
        // A row that is replaced runs the triggers of a deleted one.
        try connection.execute("PRAGMA recursive_triggers=ON")
        let rows = try connection.pairs("SELECT number, rows FROM value_files")
        apart = try ValueFiles(directory: directory, bounds: bounds, rows: rows, left: left)
        state.show(apart.all)
        watchLog()
    }

    /// Makes the file a store of the present format.
    ///
    /// That goes by way of SQLite's own WAL, and all of it is in the file before a page log has anything: an older program
    /// refuses the file by what it has itself, and would not look for a page log. What a crash left in such a WAL comes into
    /// the file too.
    private static func prepare(
        _ path: String,
        lock: DirectoryLock,
        pages: SharedPages,
        _ converting: (_ pairs: Int) -> Void,
    ) throws(StoreError) {
        try bringToFormat(path, lock: lock, pages: pages, converting)
        // The last connection has taken it away.
        var status = stat()
        guard stat(path + "-wal", &status) != 0 || status.st_size == 0 else {
            throw StoreError(
                attempt: "open \(path)",
                code: Int(SQLITE_BUSY),
                message: "\(path)-wal is in use by another program",
            )
        }
    }

    private static func bringToFormat(
        _ path: String,
        lock: DirectoryLock,
        pages: SharedPages,
        _ converting: (_ pairs: Int) -> Void,
    ) throws(StoreError) {
        let connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: cacheKibibytes,
            pages: pages,
            hasPageLog: false,
        )
        // The page size holds from the first write on; afterwards the file's own stands.
        try connection.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try Migrations.run(on: connection, path: path)
        let mode = try connection.text("PRAGMA journal_mode=WAL")
        guard mode == "wal" else {
            throw StoreError(
                attempt: "PRAGMA journal_mode=WAL",
                code: Int(SQLITE_CANTOPEN),
                message: "the file system of \(path) does not carry a WAL (mode \(mode))",
            )
        }
        let blocks = BlockWriter(connection)
        // SQLite writes pages back by itself as long as nobody hears of its commits.
        try withoutActuallyEscaping(converting) { converting throws(StoreError) in
            let conversion = BlockConversion(
                connection: connection,
                blocks: blocks,
                progress: converting,
            )
            try conversion.run()
        }
        guard try connection.checkpoint().isWhole else {
            throw StoreError(
                attempt: "open \(path)",
                code: Int(SQLITE_BUSY),
                message: "another program reads the file",
            )
        }
    }

    /// The files that rows refer to.
    var values: ValueFileSet { apart.all }

    /// The last log whose commits are all in the file.
    func flushedLog() throws(StoreError) -> UInt64 {
        UInt64(try connection.number("SELECT number FROM flushed"))
    }

    /// Brings a part of what is frozen into the file: all of it, or nothing.
    ///
    /// With the last part goes the number of the log whose commits are all in the file then, and all parts are durable. Before
    /// that the log has them.
    func write(_ part: [FlushParts.Piece], completing log: UInt64?) throws(StoreError) {
        pages.log.putsOffSyncs = log == nil
        defer { pages.log.putsOffSyncs = false }
        try connection.inTransaction { () throws(StoreError) in
            for piece in part { try write(piece) }
            try leaveEmptyFiles()
            guard let log else { return try apart.send() }
            try connection.execute("UPDATE flushed SET number = \(log)")
            try apart.sync()
        }
        guard log != nil else { return }
        for file in filesLeft { file.drop() }
        filesLeft = []
    }

    private func leaveEmptyFiles() throws(StoreError) {
        let empty = try connection.pairs("SELECT number, rows FROM value_files WHERE rows = 0")
        guard !empty.isEmpty else { return }
        try connection.execute("DELETE FROM value_files WHERE rows = 0")
        filesLeft += apart.leave(Array(empty.keys))
    }

    /// How many pages are to wait in the WAL before they are written back.
    ///
    /// The larger the file, the further apart they lie, and the more of them it takes until they are near each
    /// other (`WriteBack`). But who reads a page looks for it in the WAL first, in each 4,096 of them anew, and
    /// what is found there is read, not mapped: the page from the file, and its lines from the page log.
    var writeBackPages: Int {
        let share = pages.map.bytesCount / Keyspaces.pageBytes / Self.shareWrittenBack
        return min(bounds.writeBackPages, max(Self.writeBackPagesMin, share))
    }

    /// How many pages wait in the WAL.
    var pagesToWriteBack: Int { log.pagesToWriteBack }

    /// Writes pages back from the WAL; `rest` is called now and then, with how many were written so far.
    /// - Returns: whether all of them are in the file.
    func writeBack(rest: @escaping (_ pages: Int) -> Void) throws(StoreError) -> Bool {
        let counts = try pagesBack.run(on: connection, rest: rest)
        log.checked(counts)
        if counts.isWhole { try pages.log.allWritten() }
        return counts.isWhole
    }

    /// The spans first: the entries of a run are newer than they are.
    private func write(_ piece: FlushParts.Piece) throws(StoreError) {
        let keyspace = piece.keyspace
        if Keyspaces.isInBlocks(keyspace) {
            for span in piece.spans { try blocks.delete(span, of: keyspace) }
            return try blocks.write(piece.entries, of: keyspace)
        }
        for span in piece.spans {
            let kind = StatementKind.deleteRange(keyspace, bounded: span.to != nil)
            let statement = try connection.take(kind)
            defer { connection.giveBack(statement, as: kind) }
            try statement.bindCopy(1, span.from)
            if let to = span.to { try statement.bindCopy(2, to) }
            _ = try statement.step()
        }
        let put = try connection.take(.put(keyspace))
        defer { connection.giveBack(put, as: .put(keyspace)) }
        let delete = try connection.take(.delete(keyspace))
        defer { connection.giveBack(delete, as: .delete(keyspace)) }
        for entry in piece.entries {
            if entry.isDelete {
                try delete.run { delete.bind(1, entry.keyBytes) }
                continue
            }
            try entry.giveValue { value throws(StoreError) in
                if apart.isApart(value, of: keyspace) {
                    return try putApart(entry.keyBytes, value, of: keyspace, put)
                }
                try put.run {
                    let code = put.bind(1, entry.keyBytes)
                    return code == SQLITE_OK ? put.bind(2, value) : code
                }
            }
        }
    }

    /// Puts a value into a file, and its place into the row.
    private func putApart(
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        of keyspace: Keyspace,
        _ put: Statement,
    ) throws(StoreError) {
        let file = try self.file(for: keyspace)
        let place = try apart.append(value, of: keyspace)
        try put.run {
            var code = put.bind(1, key)
            if code == SQLITE_OK { code = place.withBytes { put.bindCopy(2, $0) } }
            return code == SQLITE_OK ? put.bind(3, file) : code
        }
    }

    private func file(for keyspace: Keyspace) throws(StoreError) -> UInt64 {
        if let number = apart.outlet(of: keyspace) { return number }
        let number = try apart.open(for: keyspace)
        try connection.execute("INSERT INTO value_files VALUES (\(number), 0)")
        state.show(apart.all)
        return number
    }

    /// Hears after each commit how long the WAL has become.
    ///
    /// The hook takes the place of SQLite's own automatic checkpoint.
    private func watchLog() {
        let context = Unmanaged.passUnretained(log).toOpaque()
        let hook:
            @convention(c) (
                UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32,
            ) -> Int32 = { context, _, _, frames in
                guard let context else { return SQLITE_OK }
                Unmanaged<WriteAheadLog>.fromOpaque(context).takeUnretainedValue()
                    .committed(pages: Int(frames))
                return SQLITE_OK
            }
        _ = sqlite3_wal_hook(connection.handle, hook, context)
    }
}
