package import Engine

/// A reading connection of its own, for one event loop or thread.
///
/// `@unchecked Sendable`: it may be handed to another thread; whoever owns it uses it from one
/// thread at a time. The flusher ends its snapshot between two uses, under `monitor`.
package final class SQLiteReader: @unchecked Sendable {
    /// It is emptied whenever the file has changed.
    private static let cacheKibibytes = 512

    private let monitor = Monitor()
    private let pinned: PinnedConnection
    /// Whether a view is out that may be ended by another thread.
    private var isLent = false

    init(
        path: String,
        lock: DirectoryLock,
        state: StoreState,
        pages: SharedPages,
        handsOut: Bool,
        isWriters: Bool = false,
    ) throws(StoreError) {
        pinned = try PinnedConnection(
            path: path,
            lock: lock,
            state: state,
            cacheKibibytes: Self.cacheKibibytes,
            pages: pages,
            handsOut: handsOut,
            isWriters: isWriters,
        )
        state.register(self)
    }

    /// Runs `body` on everything that is committed now.
    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        monitor.lock()
        defer {
            // The flusher passed this reader by while it was in use.
            if pinned.isStale { pinned.unpin() }
            monitor.unlock()
        }
        return try body(try pinned.view())
    }

    /// A view that stands until `giveBack`, which another thread may call.
    func lend() throws(StoreError) -> OverlayView {
        monitor.lock()
        defer { monitor.unlock() }
        precondition(!isLent, "One view at a time.")
        let view = try pinned.view()
        isLent = true
        return view
    }

    func giveBack() {
        monitor.locked {
            isLent = false
            if pinned.isStale { pinned.unpin() }
        }
    }

    /// Lets go of the snapshot, unless it is being read from.
    func releaseIfIdle() {
        guard monitor.tryLock() else { return }
        if !isLent { pinned.unpin() }
        monitor.unlock()
    }
}
