import HTTPServer

/// What lets scripts of other origins use the API from a browser (the Fetch standard's CORS
/// protocol): any origin may, as with the service.
enum CrossOrigin {
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
