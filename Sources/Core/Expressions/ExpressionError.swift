/// The caller's expression is wrong, or cannot be carried out on the item it meets.
///
/// The message is the service's own, whole text: it goes into a `ValidationException` as it is.
package struct ExpressionError: Error, Equatable, Sendable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}
