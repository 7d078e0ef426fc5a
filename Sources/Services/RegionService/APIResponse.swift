import HTTPServer
import Items
import JSON
import Wire

/// Bodies of the API as HTTP responses, with the headers that every answer carries.
enum APIResponse {
    static let contentType = "application/x-amz-json-1.0"

    static func success(_ body: [UInt8]) -> HTTPResponse {
        response(status: 200, body)
    }

    static func encoding(_ response: some OperationResponse) throws -> HTTPResponse {
        success(try response.body(capacity: 1024))
    }

    static func error(_ error: ServiceError) -> HTTPResponse {
        let answer = ErrorResponse(error)
        return response(status: answer.status, answer.body)
    }

    private static func response(status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("Content-Type", contentType),
                ("x-amzn-RequestId", RequestID.next()),
                ("x-amz-crc32", String(CRC32.checksum(body))),
            ],
            body: body,
        )
    }
}

/// Names of requests as the service writes them: 52 characters of base 32 in upper case.
enum RequestID {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)
    private static let length = 52

    static func next() -> String {
        var bits: UInt64 = 0
        var left = 0
        return String(unsafeUninitializedCapacity: length) { buffer in
            for index in 0..<length {
                if left < 5 {
                    bits = UInt64.random(in: .min ... .max)
                    left = 64
                }
                buffer[index] = alphabet[Int(bits & 31)]
                bits >>= 5
                left -= 5
            }
            return length
        }
    }
}
