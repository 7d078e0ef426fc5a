import Items
import JSON
import Wire

/// Decodes a body as it would come over HTTP.
func decode(_ operation: String, _ body: String) throws(ServiceError) -> AnyRequest {
    try RequestDecoder.decode(target: "DynamoDB_20120810.\(operation)", body: Array(body.utf8))
}

/// The error that a body is answered with; nil if it is a good request.
func failure(_ operation: String, _ body: String) -> ServiceError? {
    do throws(ServiceError) {
        _ = try decode(operation, body)
        return nil
    } catch {
        return error
    }
}

/// The decoder made another request than the target names.
struct WrongOperation: Error {}

/// A response's body as text.
func text(_ response: some OperationResponse) throws -> String {
    String(decoding: try response.body(), as: UTF8.self)
}

/// A refused request: operation, body and the message it is answered with.
struct Refusal: CustomStringConvertible, Sendable {
    let operation: String
    let body: String
    let message: String

    init(_ operation: String, _ body: String, _ message: String) {
        self.operation = operation
        self.body = body
        self.message = message
    }

    var description: String { "\(operation) \(body)" }
}
