import Foundation

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

    /// Opens it from a thread of its own: one of the pool's may be long in coming, and the test that
    /// waits holds one of these.
    func openSoon() {
        Thread { self.open() }.start()
    }
}

/// Lets all but one pass: who comes at its turn waits until it is opened.
///
/// `@unchecked Sendable`: one thread passes.
final class TurnGate: @unchecked Sendable {
    private let reached = Gate()
    private let gate = Gate()
    private let turn: Int
    private var passed = 0

    /// Turns count from 1.
    init(turn: Int) {
        self.turn = turn
    }

    func pass() {
        passed += 1
        guard passed == turn else { return }
        reached.open()
        gate.pass()
    }

    /// Waits until somebody stands at the gate.
    func awaitTurn() {
        reached.pass()
    }

    func open() {
        gate.open()
    }
}

/// Waits until `condition` holds, for at least a minute: only what is broken needs so long.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<12_000 {
        if condition() { return true }
        usleep(5_000)  // What other threads do in their own time gives no sign to wait for.
    }
    return condition()
}
