import HTTPServer
import Items
import Synchronization
import Wire

/// Bodies of the API as HTTP responses, with the headers that every answer carries.
///
/// Those that depend on the request (`APIRequest.replyHeaders`) are added on the way out.
enum APIResponse {
    static func success(_ body: [UInt8]) -> HTTPResponse {
        response(status: 200, body)
    }

    static func encoding(_ response: some OperationResponse) throws -> HTTPResponse {
        success(try response.body(capacity: 1024))
    }

    static func error(_ error: ServiceError) -> HTTPResponse {
        let answer = ErrorResponse(error)
        var response = response(status: answer.status, answer.body)
        response.mark = RequestOutcome(error).rawValue
        return response
    }

    static func response(status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("x-amzn-RequestId", RequestID.next())],
            body: body,
            bodyHeader: checksum,
        )
    }

    /// Clients check the bytes as they come, compressed if they are.
    @Sendable private static func checksum(_ body: [UInt8]) -> (String, String) {
        ("x-amz-crc32", String(BodyChecksum.crc32(body)))
    }
}

/// Names of requests as the service writes them: 52 characters of base 32 in upper case.
///
/// A counter through a mixing function (SplitMix64), from a random start: names are distinct, and
/// none costs a system call.
enum RequestID {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)
    private static let length = 52
    private static let digitsPerDraw = 12
    private static let state = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    static func next() -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            var bits: UInt64 = 0
            for index in 0..<length {
                if index % digitsPerDraw == 0 { bits = draw() }
                buffer[index] = alphabet[Int(bits & 31)]
                bits >>= 5
            }
            return length
        }
    }

    private static func draw() -> UInt64 {
        var bits = state.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
