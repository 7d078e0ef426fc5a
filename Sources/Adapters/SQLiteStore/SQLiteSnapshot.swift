import CSQLite
package import Engine

/// One snapshot, held until it is closed: for streaming a table while the writer goes on.
///
/// The WAL cannot start over while a snapshot is held, so it grows by what is flushed meanwhile.
///
/// `@unchecked Sendable`: it may be handed from thread to thread; whoever owns it uses it from one
/// at a time.
package final class SQLiteSnapshot: StoreReader, @unchecked Sendable {
    private static let cacheKibibytes = 2 * 1_024

    private var held: (pinned: PinnedConnection, view: OverlayView)?

    init(
        path: String,
        lock: DirectoryLock,
        state: StoreState,
        pages: SharedPages,
    ) throws(StoreError) {
        let pinned = try PinnedConnection(
            path: path,
            lock: lock,
            state: state,
            cacheKibibytes: Self.cacheKibibytes,
            pages: pages,
            handsOut: false,
        )
        held = (pinned, try pinned.view())
    }

    /// Ends the snapshot; reading from it is an error from then on.
    package func close() {
        held = nil
    }

    package func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        try view().get(keyspace, key)
    }

    package func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        try view().range(keyspace, from: from, to: to, reversed: reversed, body)
    }

    private func view() throws(StoreError) -> OverlayView {
        guard let held else {
            throw StoreError(
                attempt: "read a snapshot",
                code: Int(SQLITE_MISUSE),
                message: "the snapshot is closed",
            )
        }
        return held.view
    }
}
