package import Engine

/// A reading connection of its own, for one event loop or thread.
///
/// `@unchecked Sendable`: it may be handed to another thread; whoever owns it uses it from one
/// thread at a time.
package final class SQLiteReader: @unchecked Sendable {
    /// Small: a reader's cache is emptied by every commit of the writer.
    ///
    /// The file's mapping is not.
    private static let cacheKibibytes = 2 * 1_024

    private let connection: Connection

    init(path: String, lock: DirectoryLock, mmapBytes: Int) throws(StoreError) {
        connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: Self.cacheKibibytes,
            mmapBytes: mmapBytes,
        )
        try connection.execute("PRAGMA query_only=ON")
    }

    /// Runs `body` on one snapshot, which ends with it.
    ///
    /// Several gets in one are cheaper than each
    /// in its own: taking a snapshot takes file locks.
    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try begin()
        // A snapshot changed nothing: there is nothing to lose in ending it.
        defer { try? run(.commit) }
        return try body(ConnectionView(connection: connection))
    }

    func begin() throws(StoreError) {
        try run(.begin)
    }

    var view: ConnectionView { ConnectionView(connection: connection) }

    private func run(_ kind: StatementKind) throws(StoreError) {
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        _ = try statement.step()
    }
}
