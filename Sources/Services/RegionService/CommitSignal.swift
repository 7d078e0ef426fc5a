/// Tells feeds that wait that there may be something for them.
final class CommitSignal: Sendable {
    struct Counts: Sendable {
        var commits: UInt64 = 0
        var heartbeats: UInt64 = 0
        var requests: UInt64 = 0
        var isStopping = false
        /// Whether a feed waits for a commit.
        ///
        /// Without one, each group of writes woke the feed's thread for nothing: nine of ten of a region's
        /// calls of `futex` while it was written to.
        var areCommitsAwaited = false

        /// Whether there is something to do for a thread that has seen `seen`.
        func isNews(since seen: Counts) -> Bool {
            areCommitsAwaited && commits != seen.commits || isMore(than: seen)
        }

        /// Whether there is something to do besides commits.
        func isMore(than seen: Counts) -> Bool {
            heartbeats != seen.heartbeats || requests != seen.requests
                || isStopping != seen.isStopping
        }
    }

    let counts = Guarded(Counts())

    func committed() {
        counts.changeIfHeeded {
            $0.commits += 1
            return $0.areCommitsAwaited
        }
    }

    func heartbeat() {
        counts.change { $0.heartbeats += 1 }
    }

    func requested() {
        counts.change { $0.requests += 1 }
    }

    func stop() {
        counts.change { $0.isStopping = true }
    }
}
