import Engine
import Synchronization

/// Reading connections lent to whoever reads without one of their own.
final class ReaderPool: Sendable {
    /// Kept open while nobody uses them.
    ///
    /// More may be lent at once, one per reading thread.
    private static let idleMax = 4

    private let path: String
    private let lock: DirectoryLock
    private let state: StoreState
    private let pages: SharedPages
    private let idle = Mutex<[SQLiteReader]>([])

    init(path: String, lock: DirectoryLock, state: StoreState, pages: SharedPages) {
        self.path = path
        self.lock = lock
        self.state = state
        self.pages = pages
    }

    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        let lent = idle.withLock { $0.popLast() }
        let reader =
            try lent
            ?? SQLiteReader(path: path, lock: lock, state: state, pages: pages, handsOut: false)
        defer {
            idle.withLock { idle in
                if idle.count < Self.idleMax { idle.append(reader) }
            }
        }
        return try reader.read(body)
    }
}
