import Glibc

/// What threads wait at until it is opened; then it stays open.
///
/// `@unchecked Sendable`: a semaphore is there for threads.
final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func pass() {
        sem_wait(semaphore)
        sem_post(semaphore)
    }

    func open() {
        sem_post(semaphore)
    }

    /// Opens it from another thread.
    func openSoon() {
        Task.detached { self.open() }
    }
}
