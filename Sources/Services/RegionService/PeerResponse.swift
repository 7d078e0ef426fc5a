import Engine
import HTTPServer
import JSON

/// What the peer port answers.
enum PeerResponse {
    static func bytes(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [("Content-Type", "application/octet-stream")],
            body: body,
        )
    }

    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        var writer = JSONWriter(capacity: 1024)
        writer.value(value)
        return HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/json")],
            body: writer.bytes,
        )
    }

    static let nothing = HTTPResponse(status: 204)

    static func refusal(_ refusal: PeerRefusal) -> HTTPResponse {
        failure(
            refusal.code.rawValue,
            refusal.message,
            status: refusal.code == .badRequest ? 400 : 409,
        )
    }

    static func failure(_ code: String, _ message: String, status: Int) -> HTTPResponse {
        json(
            .object([.init("code", .string(code)), .init("message", .string(message))]),
            status: status,
        )
    }
}
