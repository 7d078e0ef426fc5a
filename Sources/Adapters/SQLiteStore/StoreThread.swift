import Engine
import Glibc

/// Threads that do what nobody waits for, as long as they keep up.
enum StoreThread {
    /// What the kernel takes from their weight beside that of threads that answer requests: they have
    /// a quarter of a processor that both want.
    private static let niceness: Int32 = 5

    /// Lets the calling thread step back behind those that answer requests.
    ///
    /// A flush takes as much of the processors as the puts that made it necessary; with equal weight,
    /// those wait behind it for whole slices of time. When it falls behind, the writer waits for it.
    private static func stepBack() {
        // On Linux a priority is a thread's. It only makes things better: a failure is none.
        let thread = __priority_which_t(PRIO_PROCESS.rawValue)
        _ = setpriority(thread, 0, getpriority(thread, 0) + niceness)
    }

    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts one, `name` says what for, that has stepped back unless it is told not to; to be joined or
    /// detached.
    static func start(
        _ name: String,
        stepsBack: Bool = true,
        _ body: @escaping @Sendable () -> Void,
    ) throws(StoreError) -> pthread_t {
        var thread = pthread_t()
        let body: @Sendable () -> Void = {
            if stepsBack { stepBack() }
            body()
        }
        let context = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard code == 0 else {
            context.release()
            throw .system("start \(name)", code: code)
        }
        return thread
    }
}
