import Glibc

/// What stopped a measurement, in words for its user.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// With what the system says of the call that just failed.
    static func system(_ attempt: String) -> Failure {
        Failure("\(attempt): \(String(cString: strerror(errno)))")
    }
}
