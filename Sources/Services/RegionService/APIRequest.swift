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

    init(
        _ request: HTTPRequest,
        _ fields: APIFields,
        region: String,
        bodyBytesMax: Int,
    ) throws {
        guard request.body.isEmpty || fields.contentType.isTaken else {
            throw Refusal.notOfThisAPI
        }
        // Nothing can be wrong with it any more.
        if let asked = fields.operation, fields.isSignedAsUsual, !fields.isCoded,
            let plain = AnyRequest(plain: request.body, for: asked)
        {
            operation = asked
            self.request = plain
            bodyBytes = request.body.count
            return
        }
        let body = try Self.body(of: request, fields, bytesMax: bodyBytesMax)
        // The service says that a body is no JSON before anything else, and that there is none last.
        let json = body.isEmpty ? nil : try RequestDecoder.parse(body, for: fields.operation)
        guard let name = fields.operation else { throw ServiceError.unknownOperation }
        operation = name
        if !fields.isSignedAsUsual { try Self.checkCredentials(of: request) }
        guard let json else { throw ServiceError.serialization("The body is empty") }
        self.request = try RequestDecoder.decode(operation, json, in: region)
        bodyBytes = body.count
    }

    private static func checkCredentials(of request: HTTPRequest) throws(ServiceError) {
        _ = try CredentialScope(
            authorization: request.header("authorization"),
            date: request.header("x-amz-date") ?? request.header("date"),
            target: request.uri,
        )
    }

    private static func body(
        of request: HTTPRequest,
        _ fields: APIFields,
        bytesMax: Int,
    ) throws -> [UInt8] {
        guard fields.isCoded else { return request.body }
        do throws(ContentCodingError) {
            return try request.decodedBody(bytesMax: bytesMax)
        } catch .tooLarge {
            throw Refusal.tooLarge
        } catch {
            // The service calls this its own failure, whether the coding or the bytes are at fault.
            throw ServiceError.internalFailure("The body could not be decoded: \(error)")
        }
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
