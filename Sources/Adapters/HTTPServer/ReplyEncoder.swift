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

    /// Appends `response`, with `headers` besides its own, to `buffer`.
    mutating func append(
        _ response: HTTPResponse,
        with headers: [(String, String)] = [],
        _ framing: Framing,
        to buffer: inout ByteBuffer,
    ) {
        renderCommon()
        let hasNoBody = response.status < 200 || response.status == 204 || response.status == 304
        let bodyCount = hasNoBody ? 0 : response.body.count
        let bodyHeader = response.bodyHeader?(response.body)
        let bound =
            common.count + Self.fixedBytesMax + Self.bound(response.headers) + Self.bound(headers)
            + (bodyHeader.map(Self.bound) ?? 0)
        buffer.reserveCapacity(minimumWritableBytes: bound + (framing.isHead ? 0 : bodyCount))
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
            var head = Cursor(space: space)
            if response.status == 200 {
                head.put(bytes: usual)
            } else {
                head.put("HTTP/1.1 ")
                head.put(decimal: min(999, max(100, response.status)))
                head.put(" ")
                head.put(Self.reason(response.status))
                head.put(bytes: common)
            }
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
            if let bodyHeader { Self.put(bodyHeader, to: &head) }
            for header in headers { Self.put(header, to: &head) }
            head.put("\r\n")
            return head.count
        }
        if !framing.isHead, bodyCount > 0 {
            buffer.writeBytes(response.body)
        }
    }

    private static func put(_ header: (name: String, value: String), to head: inout Cursor) {
        guard isSafe(header.name), isSafe(header.value) else { return }
        head.put(text: header.name)
        head.put(": ")
        head.put(text: header.value)
        head.put("\r\n")
    }

    private static func bound(_ header: (name: String, value: String)) -> Int {
        header.name.utf8.count + header.value.utf8.count + 4
    }

    private static func bound(_ headers: [(String, String)]) -> Int {
        var bound = 0
        for header in headers { bound += Self.bound(header) }
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

    /// Whether `text` has no control characters, so that it cannot end its header line early and
    /// smuggle in another.
    ///
    /// Looks at every byte without a branch, so that it is done many at a time.
    private static func isSafe(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var controls: UInt8 = 0
            for byte in bytes {
                controls |= byte < 32 ? 1 : 0
            }
            return controls == 0
        }
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

/// Fills a space that was measured beforehand.
private struct Cursor {
    let space: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    mutating func put(_ text: StaticString) {
        copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(text: String) {
        var text = text
        text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    mutating func put(bytes: [UInt8]) {
        bytes.withUnsafeBytes { copy($0) }
    }

    mutating func put(decimal value: Int) {
        var divisor = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            space[count] = UInt8(48 + value / divisor % 10)
            count += 1
            divisor /= 10
        }
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        let target = UnsafeMutableRawBufferPointer(rebasing: space[count..<count + bytes.count])
        target.copyMemory(from: bytes)
        count += bytes.count
    }
}
