import Engine

/// A reading connection with the state of the file that it holds on to.
///
/// The snapshot stays open from one use to the next while the file's state is the same: a get then
/// takes no file locks, and SQLite's page cache stays warm.
final class PinnedConnection {
    let connection: Connection
    private let state: StoreState
    /// Whether it sees what is in the log and not durable yet too.
    private let isWriters: Bool
    /// The file's state when the snapshot was taken; nil while there is none.
    private var pinned: UInt64?

    init(
        path: String,
        lock: DirectoryLock,
        state: StoreState,
        cacheKibibytes: Int,
        pages: SharedPages,
        handsOut: Bool,
        isWriters: Bool = false,
    ) throws(StoreError) {
        self.state = state
        self.isWriters = isWriters
        connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: cacheKibibytes,
            pages: pages,
            handsOut: handsOut,
        )
        try connection.execute("PRAGMA query_only=ON")
    }

    /// Everything that is committed now (`StoreState` says why this is one state).
    func view() throws(StoreError) -> OverlayView {
        while true {
            let before = state.fileState
            if pinned != before {
                unpin()
                try pin(before)
            }
            let overlay = isWriters ? state.appendedToo : state.current
            if overlay.fileState == before {
                return OverlayView(overlay: overlay, connection: connection)
            }
        }
    }

    /// Whether holding on only keeps the WAL from starting over.
    var isStale: Bool { pinned != nil && pinned != state.fileState }

    func unpin() {
        guard pinned != nil else { return }
        pinned = nil
        // A snapshot changed nothing: there is nothing to lose in ending it.
        try? connection.run(.commit)
    }

    private func pin(_ fileState: UInt64) throws(StoreError) {
        try connection.run(.begin)
        pinned = fileState
        do throws(StoreError) {
            // A deferred transaction takes its snapshot with its first read.
            _ = try ConnectionView(connection: connection, files: [:]).get(.meta, [])
        } catch {
            unpin()
            throw error
        }
    }
}
