import Glibc
import NIOCore

/// Writes replies as bytes, head and body into one buffer, so that a reply is one write.
///
/// One per event loop: the part of the head that changes once a second is kept rendered.
struct ReplyEncoder {
    /// What the request demands of the framing of its reply.
    struct Framing {
        var closes = false
        /// The request was HEAD: the reply tells the length of its body without sending it.
        var isHead = false
        /// The request was HTTP/1.0, where staying open must be said.
        var isVersion10 = false
        /// The request's head, for what it says of the form of its reply.
        var accepted: RequestHead?
    }

    private var renderedSecond = -1
    private var common: [UInt8] = []
    /// The same behind the status line of a success.
    private var usual: [UInt8] = []

    /// Appends `response`, with `headers` and `shared` besides its own, to `buffer`.
    mutating func append(
        _ response: HTTPResponse,
        with headers: HeaderLines = .none,
        sharing shared: HeaderLines = .none,
        _ framing: Framing,
        to buffer: inout ByteBuffer,
    ) {
        renderCommon()
        let hasNoBody = response.status < 200 || response.status == 204 || response.status == 304
        let bodyCount = hasNoBody ? 0 : response.body.count
        let bound =
            common.count + Self.fixedBytesMax + Self.bound(response.headers) + headers.bytes.count
            + shared.bytes.count + (response.stamp == nil ? 0 : HeadWriter.stampBytesMax)
            + (framing.isHead ? 0 : bodyCount)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
            var head = HeadWriter(space: space)
            putStatus(response.status, to: &head)
            if !hasNoBody {
                head.put("Content-Length: ")
                head.put(decimal: bodyCount)
                head.put("\r\n")
            }
            if framing.closes {
                head.put("Connection: close\r\n")
            } else if framing.isVersion10 {
                head.put("Connection: keep-alive\r\n")
            }
            for header in response.headers { Self.put(header, to: &head) }
            head.put(bytes: shared.bytes)
            response.stamp?(response.body, &head)
            head.put(bytes: headers.bytes)
            head.put("\r\n")
            if !framing.isHead, !hasNoBody { head.put(bytes: response.body) }
            return head.count
        }
    }

    private func putStatus(_ status: Int, to head: inout HeadWriter) {
        guard status != 200 else { return head.put(bytes: usual) }
        head.put("HTTP/1.1 ")
        head.put(decimal: min(999, max(100, status)))
        head.put(" ")
        head.put(Self.reason(status))
        head.put(bytes: common)
    }

    private static func put(_ header: (name: String, value: String), to head: inout HeadWriter) {
        guard HeaderLines.isSafe(header.name), HeaderLines.isSafe(header.value) else { return }
        head.put(text: header.name)
        head.put(": ")
        head.put(text: header.value)
        head.put("\r\n")
    }

    private static func bound(_ headers: [(name: String, value: String)]) -> Int {
        var bound = 0
        for header in headers { bound += header.name.utf8.count + header.value.utf8.count + 4 }
        return bound
    }

    /// More than everything in a head but `common` and the response's own headers.
    private static let fixedBytesMax = 160

    private mutating func renderCommon() {
        let now = time(nil)
        guard now != renderedSecond else { return }
        renderedSecond = now
        let date = HTTPDate.text(secondsSince1970: now)
        common = Array("\r\nServer: Meridian\r\nDate: \(date)\r\n".utf8)
        usual = Array("HTTP/1.1 200 OK".utf8) + common
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 507: "Insufficient Storage"
        default: "Status"
        }
    }
}
