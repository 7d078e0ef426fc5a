import Glibc

/// A lock of a thread's own kind, with a condition to wait for.
///
/// `@unchecked Sendable`: that is what it is for.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    func lock() {
        pthread_mutex_lock(mutex)
    }

    func unlock() {
        pthread_mutex_unlock(mutex)
    }

    /// Takes the lock if nobody has it.
    func tryLock() -> Bool {
        pthread_mutex_trylock(mutex) == 0
    }

    /// Gives the lock away until somebody calls `wakeAll`.
    func wait() {
        pthread_cond_wait(changed, mutex)
    }

    func wakeAll() {
        pthread_cond_broadcast(changed)
    }

    func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}
