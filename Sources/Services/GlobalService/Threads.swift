import Foundation

/// Starts a thread that lives as long as `body` runs.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread { body() }
    thread.name = name
    thread.start()
}
