import Glibc
import Synchronization

/// Calls back when a time has come: one thread for all links.
///
/// `@unchecked Sendable`: `state` is touched under `mutex` alone.
final class Timers: @unchecked Sendable {
    private struct Entry {
        let due: UInt64
        let action: @Sendable () -> Void
    }

    private struct State {
        var entries: [Entry] = []
        var isShutDown = false
        var hasThread = false
    }

    private var state = State()
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Calls `action` on the timers' thread once `delayMilliseconds` have passed; never after
    /// `shutDown`.
    func after(_ delayMilliseconds: UInt64, _ action: @escaping @Sendable () -> Void) {
        let due = MonotonicClock.milliseconds() &+ min(delayMilliseconds, 86_400_000)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !state.isShutDown else { return }
        state.entries.append(Entry(due: due, action: action))
        pthread_cond_signal(changed)
        if !state.hasThread {
            state.hasThread = true
            startThread("timers") { self.run() }
        }
    }

    func shutDown() {
        pthread_mutex_lock(mutex)
        state.isShutDown = true
        state.entries = []
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        while true {
            for action in nextDue() { action() }
            if withLock({ state.isShutDown }) { return }
        }
    }

    /// Waits until something is due, or all is over.
    private func nextDue() -> [@Sendable () -> Void] {
        withLock {
            while !state.isShutDown {
                let now = MonotonicClock.milliseconds()
                let due = state.entries.filter { $0.due <= now }
                if !due.isEmpty {
                    state.entries.removeAll { $0.due <= now }
                    return due.sorted { $0.due < $1.due }.map(\.action)
                }
                wait(until: state.entries.map(\.due).min())
            }
            return []
        }
    }

    private func wait(until due: UInt64?) {
        guard let due else {
            pthread_cond_wait(changed, mutex)
            return
        }
        var time = timespec()
        time.tv_sec = Int(due / 1_000)
        time.tv_nsec = Int(due % 1_000) * 1_000_000
        pthread_cond_timedwait(changed, mutex, &time)
    }

    private func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
