import Engine

/// How all connections of a store come by the pages of its file.
final class SharedPages: Sendable {
    /// Of a file that is small enough, all pages.
    let map: FileMap
    /// Of a larger one, those that are asked for most.
    let inner: InnerPages
    /// What is newer than the file.
    let log: PageLog
    /// By which connections find the log.
    let vfs: StoreVFS

    /// How much longer than what is written back at a time the log's file may stay: the last part brings more.
    private static let logPagesSpare = 2_000

    /// Makes the file if it is missing, and brings into it what a crash left in the log.
    init(path: String, bounds: StoreBounds) throws(StoreError) {
        // Before SQLite is asked for anything.
        _ = Connection.isConfigured
        let logPath = path + "-pages"
        try PageLogReplay.run(log: logPath, store: path)
        map = try FileMap(path: path, bytesMax: bounds.mappedBytesMax)
        inner = InnerPages(bytesMax: bounds.innerPagesBytesMax)
        let pagesKept = bounds.writeBackPages + Self.logPagesSpare
        log = try PageLog(path: logPath, map: map, bytesKept: pagesKept * Keyspaces.pageBytes)
        vfs = try StoreVFS(log)
        // Without the log's name there would be no log after a crash.
        try DirectoryLock.syncParent(of: path)
    }
}
