import CSQLite
import Engine

/// One open database handle with its prepared statements, used by one thread at a time.
///
/// It is opened without SQLite's own mutex: whoever owns the connection sees to that.
final class Connection {
    let handle: OpaquePointer
    /// The directory stays ours while a connection to a file in it lives.
    private let lock: DirectoryLock
    /// How it comes by its pages.
    private let methods: PageMethods
    /// The prepared statements that are not in use, by `StatementKind.slot`.
    private var idle = Array(repeating: [Statement](), count: StatementKind.slotsMax)

    /// How long a lock held by another connection is waited for.
    ///
    /// Readers and the writer never wait
    /// for each other; this covers the moments in which the WAL is opened, recovered or restarted.
    private static let busyMilliseconds: Int32 = 5_000

    init(
        _ path: String,
        lock: DirectoryLock,
        cacheKibibytes: Int,
        pages: SharedPages,
        handsOut: Bool = false,
        writeBack: WriteBack? = nil,
        hasPageLog: Bool = true,
    ) throws(StoreError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, hasPageLog ? pages.vfs.name : nil)
        guard code == SQLITE_OK, let opened else {
            let message = String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(opened)
            throw StoreError(attempt: "open \(path)", code: Int(code), message: message)
        }
        // What is kept of pages is true only if all connections write by way of them.
        guard
            let methods = PageMethods(
                pages,
                handsOut: handsOut,
                writeBack: writeBack,
                for: opened,
            )
        else {
            sqlite3_close_v2(opened)
            throw StoreError(
                attempt: "open \(path)",
                code: Int(SQLITE_ERROR),
                message: "this SQLite, or the kind of file, has no methods for pages",
            )
        }
        handle = opened
        self.lock = lock
        self.methods = methods
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        // Debian builds SQLite with secure_delete on, which writes every freed page.
        try execute("PRAGMA secure_delete=OFF")
        try execute("PRAGMA synchronous=FULL")
        try execute("PRAGMA cache_size=-\(cacheKibibytes)")
        // Which is for them to say: this has SQLite ask for pages at all.
        if handsOut { try execute("PRAGMA mmap_size=1") }
    }

    deinit {
        idle = []
        sqlite3_close_v2(handle)
    }

    /// Runs SQL that answers nothing, or whose answer does not matter.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, attempt: sql) }
    }

    /// The first column of the first row, as a number.
    func number(_ sql: String) throws(StoreError) -> Int {
        let statement = try Statement(sql, on: self)
        guard try statement.step() else {
            throw failure(SQLITE_MISMATCH, attempt: sql)
        }
        return Int(sqlite3_column_int64(statement.handle, 0))
    }

    /// The first two columns of all rows, as numbers: the second by the first.
    func pairs(_ sql: String) throws(StoreError) -> [UInt64: Int] {
        let statement = try Statement(sql, on: self)
        var pairs: [UInt64: Int] = [:]
        while try statement.step() {
            guard let key = statement.number(0) else { continue }
            pairs[key] = Int(sqlite3_column_int64(statement.handle, 1))
        }
        return pairs
    }

    /// The first column of the first row, as text.
    func text(_ sql: String) throws(StoreError) -> String {
        let statement = try Statement(sql, on: self)
        guard try statement.step() else {
            throw failure(SQLITE_MISMATCH, attempt: sql)
        }
        return String(decoding: statement.column(0), as: UTF8.self)
    }

    /// A prepared statement of this kind that nobody is using; give it back by `giveBack`.
    ///
    /// There are several of a kind while walks over one keyspace are nested, or blocks go together.
    func take(_ kind: StatementKind) throws(StoreError) -> Statement {
        if let statement = idle[kind.slot].popLast() { return statement }
        return try Statement(kind.sql, on: self)
    }

    func giveBack(_ statement: Statement, as kind: StatementKind) {
        statement.reset()
        idle[kind.slot].append(statement)
    }

    /// Runs a statement that answers nothing.
    func run(_ kind: StatementKind) throws(StoreError) {
        let statement = try take(kind)
        defer { giveBack(statement, as: kind) }
        _ = try statement.step()
    }

    /// Runs statements as one transaction that writes.
    ///
    /// After an error, nothing of it is there; and nobody is to go on writing: it may not have been ended in order.
    func inTransaction<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try run(.beginImmediate)
        do throws(StoreError) {
            let result = try body()
            try run(.commit)
            return result
        } catch {
            if sqlite3_get_autocommit(handle) == 0 { try? run(.rollback) }
            throw error
        }
    }

    /// What SQLite says of the call that just failed.
    func failure(_ code: Int32, attempt: String) -> StoreError {
        StoreError(
            attempt: attempt,
            code: Int(code),
            message: String(cString: sqlite3_errmsg(handle))
        )
    }

    /// Settings of the whole process, made once, before its first connection.
    static let isConfigured: Bool =
        meridian_sqlite3_config_memstatus(0) == SQLITE_OK && sqlite3_initialize() == SQLITE_OK
}
