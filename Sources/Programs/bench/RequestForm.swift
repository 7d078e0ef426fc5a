/// The fixed bytes of a request to one operation; only the body changes.
struct RequestForm {
    private let head: [UInt8]

    init(_ operation: String, at endpoint: Endpoint) {
        let signature = String(repeating: "0", count: 64)
        head = Array(
            """
            POST / HTTP/1.1\r
            Host: \(endpoint.host):\(endpoint.port)\r
            X-Amz-Target: DynamoDB_20120810.\(operation)\r
            X-Amz-Date: 20260101T000000Z\r
            Content-Type: application/x-amz-json-1.0\r
            Authorization: AWS4-HMAC-SHA256 \
            Credential=bench/20260101/us-east-1/dynamodb/aws4_request, \
            SignedHeaders=host;x-amz-date;x-amz-target, Signature=\(signature)\r
            Content-Length:\u{20}
            """.utf8
        )
    }

    /// Replaces `request` by the whole request with this body.
    func write(_ body: [UInt8], to request: inout [UInt8]) {
        request.removeAll(keepingCapacity: true)
        request.append(contentsOf: head)
        request.append(decimal: UInt64(body.count))
        request.append("\r\n\r\n")
        request.append(contentsOf: body)
    }
}
