import Synchronization

/// Files that nobody needs any more, to be taken away where nobody waits for it.
///
/// Who lets go of a file last may be the writer between two commits, or an event loop: whoever read
/// from an overlay when a flush ended. To take a file of 100 MB away, the file system frees its blocks
/// and waits for its journal, now and then for a tenth of a second.
///
/// What is not taken away before the store is gone, the next start takes away.
final class LeftFiles: Sendable {
    private let left = Mutex<[@Sendable () -> Void]>([])
    /// Held by who takes files away.
    private let turn = Mutex<Void>(())

    /// Has a file taken away soon, by what does that.
    func leave(_ takeAway: @escaping @Sendable () -> Void) {
        left.withLock { $0.append(takeAway) }
    }

    /// Takes away what was left, or waits until another thread has; for a background thread.
    func takeAway() {
        turn.withLock { _ in
            let left = left.withLock { left in
                defer { left = [] }
                return left
            }
            for takeAway in left { takeAway() }
        }
    }
}
