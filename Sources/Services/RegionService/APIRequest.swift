import HTTPServer
import JSON
import Wire

/// A request of the API as HTTP carries it: from method, headers and bytes to an operation's
/// request, checked in the service's order.
struct APIRequest {
    let operation: OperationName
    let request: AnyRequest
    /// The size of the body as it was read.
    let bodyBytes: Int

    /// A refusal that is none of the API's errors.
    struct Refusal: Error {
        let response: HTTPResponse

        static let tooLarge = Refusal(response: HTTPResponse(status: 413))
        /// What the service answers to what is no request of this API at all.
        static var notOfThisAPI: Refusal {
            Refusal(response: APIResponse.response(status: 404, unknownOperation))
        }

        private static let unknownOperation = Array("<UnknownOperationException/>\n".utf8)
    }

    init(_ request: HTTPRequest, region: String, bodyBytesMax: Int) throws {
        guard request.body.isEmpty || ContentType(request) != nil else {
            throw Refusal.notOfThisAPI
        }
        let body = try Self.body(of: request, bytesMax: bodyBytesMax)
        // The service says that a body is no JSON before anything else, and that there is none last.
        let named = Result { () throws(ServiceError) in
            try OperationName(target: request.header("x-amz-target") ?? "")
        }
        let json = body.isEmpty ? nil : try RequestDecoder.parse(body, for: try? named.get())
        operation = try named.get()
        try Self.checkCredentials(of: request)
        guard let json else { throw ServiceError.serialization("The body is empty") }
        self.request = try RequestDecoder.decode(operation, json, in: region)
        bodyBytes = body.count
    }

    private static func checkCredentials(of request: HTTPRequest) throws(ServiceError) {
        let target = request.uri
        let hasDate = request.hasHeader("x-amz-date") || request.hasHeader("date")
        let isUsual = request.withHeader("authorization") {
            hasDate && CredentialScope.isUsual(authorization: $0, target: target)
        }
        guard isUsual != true else { return }
        _ = try CredentialScope(
            authorization: request.header("authorization"),
            date: request.header("x-amz-date") ?? request.header("date"),
            target: target,
        )
    }

    private static func body(of request: HTTPRequest, bytesMax: Int) throws -> [UInt8] {
        do throws(ContentCodingError) {
            return try request.decodedBody(bytesMax: bytesMax)
        } catch .tooLarge {
            throw Refusal.tooLarge
        } catch {
            // The service calls this its own failure, whether the coding or the bytes are at fault.
            throw ServiceError.internalFailure("The body could not be decoded: \(error)")
        }
    }

    /// What every reply to `request` carries, whatever its outcome.
    static func replyHeaders(_ request: HTTPRequest) -> [(String, String)] {
        let isCrossOrigin = request.hasHeader("origin")
        guard request.method == "POST" else {
            return isCrossOrigin ? CrossOrigin.headers : []
        }
        return (ContentType(request) ?? .plain).headers(isCrossOrigin: isCrossOrigin)
    }

    /// The answer to anything but a POST.
    static func answerToOthers(_ request: HTTPRequest, address: String) -> HTTPResponse {
        switch request.method {
        case "GET", "HEAD":
            guard request.uri == "/" else {
                return HTTPResponse(status: 404, body: Array("not found\n".utf8))
            }
            let text = "healthy: " + (request.header("host") ?? address)
            var response = APIResponse.response(status: 200, Array(text.utf8))
            response.headers.append(("Content-Type", "text/plain"))
            return response
        case "OPTIONS" where request.header("origin") != nil:
            return HTTPResponse(
                status: 200,
                headers: [("x-amzn-RequestId", RequestID.next())]
                    + CrossOrigin.preflightHeaders(request),
            )
        default:
            return Refusal.notOfThisAPI.response
        }
    }
}

/// The types of body that the service reads; it answers in the type it was asked in.
private enum ContentType {
    case amazon
    case plain

    init?(_ request: HTTPRequest) {
        // What the SDKs write needs no look at its parts: twice for each request.
        let isUsual = request.withHeader("content-type") { $0.elementsEqual(Self.usual.utf8) }
        guard let isUsual else { return nil }
        guard !isUsual, let header = request.header("content-type") else {
            self = .amazon
            return
        }
        let bytes = header.utf8
        let end = bytes.firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: " ") }
        let name = bytes[..<(end ?? bytes.endIndex)]
        if name.elementsEqual(Self.usual.utf8) {
            self = .amazon
        } else if name.elementsEqual("application/json".utf8) {
            self = .plain
        } else {
            return nil
        }
    }

    /// Made once: replies share them.
    func headers(isCrossOrigin: Bool) -> [(String, String)] {
        switch self {
        case .amazon: isCrossOrigin ? Self.amazonCrossOrigin : Self.amazonHeaders
        case .plain: isCrossOrigin ? Self.plainCrossOrigin : Self.plainHeaders
        }
    }

    private static let usual = "application/x-amz-json-1.0"
    private static let amazonHeaders = [("Content-Type", usual)]
    private static let plainHeaders = [("Content-Type", "application/json")]
    private static let amazonCrossOrigin = amazonHeaders + CrossOrigin.headers
    private static let plainCrossOrigin = plainHeaders + CrossOrigin.headers
}

/// What lets scripts of other origins use the API from a browser (the Fetch standard's CORS
/// protocol): any origin may, as with the service.
private enum CrossOrigin {
    static let headers = [
        ("Access-Control-Allow-Origin", "*"),
        (
            "Access-Control-Expose-Headers",
            "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,"
                + "x-amz-crc32,Date"
        ),
    ]

    /// How long a browser may remember the answer to a preflight request: two days.
    private static let maxAgeSeconds = "172800"

    /// Allows whatever the browser asks for.
    static func preflightHeaders(_ request: HTTPRequest) -> [(String, String)] {
        var headers = [("Access-Control-Max-Age", maxAgeSeconds)]
        if let method = request.header("access-control-request-method") {
            headers.append(("Access-Control-Allow-Methods", method))
        }
        if let names = request.header("access-control-request-headers") {
            headers.append(("Access-Control-Allow-Headers", names))
        }
        return headers
    }
}
