import Engine
import Glibc

/// A reading connection with the state of the file that it holds on to.
///
/// The snapshot stays open from one use to the next while the file's state is the same: a get then
/// takes no file locks, and SQLite's page cache stays warm.
final class PinnedConnection {
    let connection: Connection
    private let state: StoreState
    private let path: String
    /// A file up to this is mapped, as a whole: a larger one would stand in the process's resident size
    /// with each connection, for the small part of it that is mapped.
    private let mmapBytes: Int
    private var isMapped = false
    /// The file's state when the snapshot was taken; nil while there is none.
    private var pinned: UInt64?

    init(
        path: String,
        lock: DirectoryLock,
        state: StoreState,
        cacheKibibytes: Int,
        mmapBytes: Int,
    ) throws(StoreError) {
        self.state = state
        self.path = path
        self.mmapBytes = mmapBytes
        connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: cacheKibibytes,
            mmapBytes: 0,
        )
        try connection.execute("PRAGMA query_only=ON")
    }

    /// Everything that is committed now (`StoreState` says why this is one state).
    func view() throws(StoreError) -> OverlayView {
        while true {
            let before = state.fileState
            if pinned != before {
                unpin()
                try mapAsFits()
                try pin(before)
            }
            let overlay = state.current
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

    /// Maps the file, or no longer, by what has become of its size.
    private func mapAsFits() throws(StoreError) {
        guard mmapBytes > 0 else { return }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("stat \(path)") }
        let fits = Int(status.st_size) <= mmapBytes
        guard fits != isMapped else { return }
        try connection.execute("PRAGMA mmap_size=\(fits ? mmapBytes : 0)")
        isMapped = fits
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
