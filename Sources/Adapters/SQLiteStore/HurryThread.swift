import Engine
import Glibc

/// A thread with the weight of those that answer requests, for what another one has to do in a hurry.
///
/// One that has stepped back (`StoreThread`) cannot come forward again without a privilege (setpriority(2)): so it
/// has this one do what is urgent, and waits for it meanwhile.
///
/// `@unchecked Sendable`: what changes is touched under `monitor`, but for `thread`, which is its owner's.
final class HurryThread: @unchecked Sendable {
    private let monitor = Monitor()
    private var task: (() -> Void)?
    private var isEnding = false
    private var thread: pthread_t?

    func start() throws(StoreError) {
        thread = try StoreThread.start("the flusher's second", stepsBack: false) { self.work() }
    }

    /// Does something there, and waits for it.
    func run<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        var result: Swift.Result<Result, StoreError>?
        withoutActuallyEscaping(body) { body in
            monitor.locked {
                task = {
                    do throws(StoreError) {
                        result = .success(try body())
                    } catch {
                        result = .failure(error)
                    }
                }
                monitor.wakeAll()
                while task != nil { monitor.wait() }
            }
        }
        guard let result else { preconditionFailure("What is done has a result.") }
        return try result.get()
    }

    /// Ends the thread, which is at rest.
    func stop() {
        guard let thread else { return }
        monitor.locked {
            isEnding = true
            monitor.wakeAll()
        }
        pthread_join(thread, nil)
        self.thread = nil
    }

    private func work() {
        monitor.lock()
        defer { monitor.unlock() }
        while !isEnding {
            guard let task else {
                monitor.wait()
                continue
            }
            monitor.unlock()
            task()
            monitor.lock()
            // Here it is let go of before the lock is: who waits may end it then.
            self.task = nil
            monitor.wakeAll()
        }
    }
}
