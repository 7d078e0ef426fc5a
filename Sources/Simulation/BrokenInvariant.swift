/// What a checker found: which rule does not hold, and where.
package struct BrokenInvariant: Error, Equatable, Sendable, CustomStringConvertible {
    /// The checker's name, such as `Convergent`.
    package let checker: String
    package let message: String

    init(_ checker: String, _ message: String) {
        self.checker = checker
        self.message = message
    }

    package var description: String { "\(checker): \(message)" }
}
