import CSQLite
import Engine

/// One prepared statement of a connection.
///
/// Bound bytes are not copied: they must stay where they are until `reset`.
final class Statement {
    let handle: OpaquePointer
    private unowned let connection: Connection
    private let sql: String

    init(_ sql: String, on connection: Connection) throws(StoreError) {
        var prepared: OpaquePointer?
        let persistent = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sqlite3_prepare_v3(connection.handle, sql, -1, persistent, &prepared, nil)
        guard code == SQLITE_OK, let prepared else {
            throw connection.failure(code, attempt: sql)
        }
        handle = prepared
        self.connection = connection
        self.sql = sql
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Binds bytes that outlive the steps; `index` counts from 1.
    func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        // A null pointer would bind NULL, which is not the empty blob.
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_zeroblob(handle, index, 0)
        }
        // No destructor is SQLITE_STATIC.
        return sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), nil)
    }

    /// Binds bytes that need not outlive the call.
    func bindCopy(_ index: Int32, _ bytes: [UInt8]) throws(StoreError) {
        let code = bindCode(index, bytes)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// The same, and answers SQLite's code.
    func bindCode(_ index: Int32, _ bytes: [UInt8]) -> Int32 {
        bytes.withUnsafeBytes { bindCopy(index, $0) }
    }

    /// Binds bytes that need not outlive the call.
    func bindCopy(_ index: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            return sqlite3_bind_zeroblob(handle, index, 0)
        }
        // The destructor of this value, SQLITE_TRANSIENT in C, asks SQLite for a copy.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        return sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), copied)
    }

    func bind(_ index: Int32, _ number: UInt64) -> Int32 {
        sqlite3_bind_int64(handle, index, Int64(bitPattern: number))
    }

    /// Runs a statement that answers nothing, with what `bind` binds, which answers SQLite's code.
    func run(_ bind: () -> Int32) throws(StoreError) {
        var code = bind()
        if code == SQLITE_OK { code = sqlite3_step(handle) }
        guard code == SQLITE_DONE else { throw failure(code) }
        reset()
        // What is not bound the next time is NULL.
        sqlite3_clear_bindings(handle)
    }

    /// True where there is a row, false at the end.
    func step() throws(StoreError) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure(code)
        }
    }

    /// Moves to the next row if its key, the first column, is below `end`, and tells the key.
    ///
    /// A walk forwards finds its end here, by the keys' bytes: as a condition of the statement it
    /// would take SQLite some 60 ns a row, a twelfth of what a row of a query takes there.
    func next(below end: [UInt8]?) throws(StoreError) -> Entry? {
        guard try step() else { return nil }
        let key = Entry(column(0))
        guard let end else { return key }
        return end.withUnsafeBytes { key.order(Entry($0)) } < 0 ? key : nil
    }

    /// The bytes of a column of the current row, valid until the next step.
    func column(_ index: Int32) -> UnsafeRawBufferPointer {
        let base = sqlite3_column_blob(handle, index)
        let count = Int(sqlite3_column_bytes(handle, index))
        return UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count)
    }

    /// A column of the current row that is a number; nil where it is NULL.
    func number(_ index: Int32) -> UInt64? {
        guard sqlite3_column_type(handle, index) == SQLITE_INTEGER else { return nil }
        return UInt64(bitPattern: sqlite3_column_int64(handle, index))
    }

    /// Ends the run.
    ///
    /// What went wrong in it was told by `step`, so its code is not told again.
    func reset() {
        sqlite3_reset(handle)
    }

    func failure(_ code: Int32) -> StoreError {
        connection.failure(code, attempt: sql)
    }
}
