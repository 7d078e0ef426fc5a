import Foundation

/// State behind a lock, with threads that wait for it to change.
///
/// `@unchecked Sendable`: `value` is touched only while `condition` is locked.
final class Guarded<Value>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        condition.lock()
        defer { condition.unlock() }
        return try body(&value)
    }

    /// Changes the value and wakes those who wait.
    func change<Result>(_ body: (inout Value) -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        let result = body(&value)
        condition.broadcast()
        return result
    }

    /// Waits until `body` gives something, or until a deadline; then gives nil.
    func wait<Result>(until deadline: Date? = nil, _ body: (inout Value) -> Result?) -> Result? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(&value) { return result }
            if let deadline {
                guard condition.wait(until: deadline) else { return body(&value) }
            } else {
                condition.wait()
            }
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
