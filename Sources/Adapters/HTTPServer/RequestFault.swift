/// Why bytes are no request that this server takes; each ends the connection.
///
/// The sections are of RFC 9112, where no other is named.
package enum RequestFault: Error, CaseIterable, Sendable {
    /// The request line is not a method, a target and a version, one space between them (3).
    case requestLine
    /// A method that RFC 9110 section 9.3 and RFC 5789 do not define, or CONNECT, since this is no
    /// proxy; or bytes of another protocol.
    case method
    /// A target that is neither a path, nor `*`, nor an absolute URI without user or fragment (3.2).
    case target
    /// A version other than 1.0 and 1.1 (2.3).
    case version
    /// A line that ends in a bare LF (2.2).
    case lineEnd
    /// A control character in a line, a bare CR among them (2.2, RFC 9110 section 5.5).
    case control
    /// A field without a name, with a name that is no token, or with white space around it: also what
    /// was once a field's second line (5.1, 5.2).
    case fieldName
    /// A request of HTTP/1.1 without Host, or any with two (3.2).
    case host
    /// A Content-Length that is no number (6.3).
    case length
    /// A Content-Length above 2⁶³ − 1 (RFC 9110 section 8.6).
    case hugeLength
    /// Content-Length twice, or beside Transfer-Encoding (6.3).
    case twoLengths
    /// A Transfer-Encoding other than `chunked`, or two of them (6.1).
    case coding
    /// A Transfer-Encoding in a request of HTTP/1.0 (6.1).
    case codingInVersion10
    /// A chunk's size that is no hexadecimal number (7.1).
    case chunkSize
    /// A chunk's size of more than sixteen digits, or above 2⁶³ − 1 (7.1).
    case hugeChunk
    /// A chunk's extension that is none (7.1.1).
    case chunkExtension
    /// A chunk that goes on where it should end (7.1).
    case chunkEnd
    /// A field in the trailer that would have a meaning in the head (RFC 9110 section 6.5.1).
    case trailer
    /// More bytes of head, chunk extensions and trailer than there may be.
    case headTooLong
    /// More fields in head and trailer than there may be.
    case tooManyFields

    /// The status that the client is told (RFC 6585 section 5 for 431).
    package var status: Int {
        switch self {
        case .headTooLong, .tooManyFields: 431
        default: 400
        }
    }
}
