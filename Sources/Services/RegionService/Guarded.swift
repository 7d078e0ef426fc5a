import Foundation

/// State behind a lock, with threads that wait for it to change.
///
/// Waits are measured by the monotonic clock: a wall clock that is set back, by an hour say, must
/// not hold up heartbeats or long polls for that hour.
///
/// `@unchecked Sendable`: `value` is touched only while `mutex` is locked.
final class Guarded<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// A condition for each place at which threads wait.
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private let places: Int
    // Only ever touched by who holds the mutex: looking for that once more would cost each time.
    @exclusivity(unchecked) private var value: Value

    /// Threads wait at one of `places`, of which each can be woken alone.
    init(_ value: Value, places: Int = 1) {
        self.value = value
        changed = .allocate(capacity: places)
        self.places = places
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        for place in 0..<places { pthread_cond_init(changed + place, &attributes) }
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        for place in 0..<places { pthread_cond_destroy(changed + place) }
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    private func wakeAll() {
        for place in 0..<places { pthread_cond_broadcast(changed + place) }
    }

    func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Changes the value and wakes those who wait.
    ///
    /// After it has let go of the mutex: who is woken takes that first, and would go to sleep again.
    func change<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        let result = body(&value)
        pthread_mutex_unlock(mutex)
        wakeAll()
        return result
    }

    /// Changes the value, and wakes those who wait if `body` says that it matters to them.
    func changeIfHeeded(_ body: (inout Value) -> Bool) {
        pthread_mutex_lock(mutex)
        let isHeeded = body(&value)
        pthread_mutex_unlock(mutex)
        if isHeeded { wakeAll() }
    }

    /// Changes the value, and wakes those who wait at the place that `body` names.
    func changeCalling<Result>(_ body: (inout Value) -> (Result, place: Int?)) -> Result {
        pthread_mutex_lock(mutex)
        let (result, place) = body(&value)
        pthread_mutex_unlock(mutex)
        if let place { pthread_cond_broadcast(changed + place) }
        return result
    }

    /// Waits until `body` gives something, or until a deadline by `MonotonicClock`; then gives nil.
    func wait<Result>(
        at place: Int = 0,
        untilMilliseconds deadline: UInt64? = nil,
        _ body: (inout Value) -> Result?,
    ) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            guard let deadline else {
                pthread_cond_wait(changed + place, mutex)
                continue
            }
            guard MonotonicClock.milliseconds() < deadline else { return nil }
            var time = timespec()
            time.tv_sec = Int(deadline / 1_000)
            time.tv_nsec = Int(deadline % 1_000) * 1_000_000
            pthread_cond_timedwait(changed + place, mutex, &time)
        }
    }
}

/// Starts a thread with a name that shows in a debugger.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 4 << 20
    thread.start()
}
