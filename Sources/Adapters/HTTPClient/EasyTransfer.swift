import CCurl
import Glibc

/// One libcurl handle and what it reads from and writes to; used for one transfer after the other.
///
/// Used by one thread at a time: its owner sees to that.
final class EasyTransfer: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    private var request: TransferRequest?
    /// The body being sent, at an address that stays while libcurl reads from it.
    private var upload = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private var responseHeaders: [(String, String)] = []
    private var responseHeaderBytes = 0
    private var responseBody: [UInt8] = []
    private var isTooLarge = false
    /// Called once, when the last byte of the body was given to the kernel.
    private var whenSent: (@Sendable () -> Void)?

    /// The most bytes of a reply's head.
    private static let responseHeaderBytesMax = 64 << 10
    /// What libcurl reads at most at once: below the size from which malloc asks the kernel.
    private static let receiveBufferBytes = 64 << 10
    /// The most bytes reserved for a body on the server's word alone.
    private static let reservedBytesMax = 8 << 20

    private static let isReady: Bool = meridian_curl_global_init() == CURLE_OK

    /// Nil only when memory ran out or libcurl cannot start.
    init?() {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        upload.deallocate()
        errorText.deallocate()
    }

    // MARK: Before

    /// Sets the handle up for `request`; the connections it holds stay.
    func prepare(
        _ request: TransferRequest,
        whenSent: (@Sendable () -> Void)? = nil,
    ) throws(TransferError) {
        guard Self.isToken(request.method), request.headers.allSatisfy(Self.isHeader) else {
            throw TransferError(.invalid, request, reason: "the method or a header is malformed")
        }
        clear()
        self.request = request
        curl_easy_reset(handle)
        setRules(request)
        setTargets()
        setHeaders(request)
        setBody(request)
        if let whenSent { watch(whenSent) }
        let accepted = meridian_curl_set_string(handle, CURLOPT_URL, request.url)
        if accepted != CURLE_OK {
            throw TransferError(.invalid, request, reason: "the URL is malformed")
        }
    }

    /// Lets go of everything that belongs to the last transfer.
    func clear() {
        request = nil
        responseHeaders = []
        responseHeaderBytes = 0
        responseBody = []
        isTooLarge = false
        whenSent = nil
        errorText[0] = 0
        curl_slist_free_all(headerList)
        headerList = nil
    }

    private func setRules(_ request: TransferRequest) {
        meridian_curl_allow_http_only(handle)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_BUFFERSIZE, Self.receiveBufferBytes)
        set(CURLOPT_TIMEOUT_MS, max(1, request.timeoutMilliseconds))
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.connectTimeoutMilliseconds))
        // Proxies named in the environment are for other programs.
        meridian_curl_set_string(handle, CURLOPT_PROXY, "")
        meridian_curl_set_string(handle, CURLOPT_NOPROXY, "*")
    }

    private func setTargets() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        meridian_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        meridian_curl_set_pointer(handle, CURLOPT_WRITEDATA, this)
        meridian_curl_set_pointer(handle, CURLOPT_HEADERDATA, this)
        meridian_curl_set_sink(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, target in
            EasyTransfer.from(target)?.takeBody(bytes, size * count) ?? 0
        }
        meridian_curl_set_sink(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, target in
            EasyTransfer.from(target)?.takeHeader(bytes, size * count) ?? 0
        }
    }

    private func watch(_ whenSent: @escaping @Sendable () -> Void) {
        self.whenSent = whenSent
        let this = Unmanaged.passUnretained(self).toOpaque()
        meridian_curl_set_pointer(handle, CURLOPT_XFERINFODATA, this)
        meridian_curl_set_progress(handle) { target, _, _, _, sent in
            EasyTransfer.from(target)?.progress(sent: Int(sent))
            return 0
        }
    }

    private func setHeaders(_ request: TransferRequest) {
        // A name with nothing after the colon takes away what libcurl would send of itself.
        var list = curl_slist_append(nil, "Expect:")
        if !request.headers.contains(where: { $0.0.lowercased() == "content-type" }) {
            list = curl_slist_append(list, "Content-Type:")
        }
        for (name, value) in request.headers {
            list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        headerList = list
        meridian_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    }

    private func setBody(_ request: TransferRequest) {
        let sendsBody = !request.body.isEmpty || request.method == "POST" || request.method == "PUT"
        if sendsBody {
            keep(request.body)
            set(CURLOPT_POST, 1)
            meridian_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
            meridian_curl_set_pointer(handle, CURLOPT_POSTFIELDS, upload.baseAddress)
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        }
        if request.method != "HEAD", request.method != (sendsBody ? "POST" : "GET") {
            meridian_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private func keep(_ body: [UInt8]) {
        if upload.count < max(1, body.count) {
            upload.deallocate()
            upload = .allocate(byteCount: max(4_096, body.count), alignment: 16)
        }
        upload.copyBytes(from: body)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        meridian_curl_set_long(handle, option, value)
    }

    // MARK: During

    private static func from(_ target: UnsafeMutableRawPointer?) -> EasyTransfer? {
        target.map { Unmanaged<EasyTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func progress(sent: Int) {
        guard let told = whenSent, let request, sent >= request.body.count else { return }
        whenSent = nil
        told()
    }

    /// Takes a piece of the body; a number other than `count` makes libcurl stop.
    private func takeBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes, let request else { return 0 }
        guard count <= request.responseBytesMax - responseBody.count else {
            isTooLarge = true
            return 0
        }
        responseBody.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    /// Takes one line of the head.
    ///
    /// An interim reply (100) has a head too, which is forgotten.
    private func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes, let request else { return 0 }
        responseHeaderBytes += count
        guard responseHeaderBytes <= Self.responseHeaderBytesMax else {
            isTooLarge = true
            return 0
        }
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        if line.starts(with: "HTTP/".utf8) {
            responseHeaders.removeAll(keepingCapacity: true)
            return count
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return count }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = String(decoding: Self.trim(line[(colon + 1)...]), as: UTF8.self)
        if name == "content-length", let length = Int(value) {
            guard length <= request.responseBytesMax || request.method == "HEAD" else {
                isTooLarge = true
                return 0
            }
            if request.method != "HEAD" {
                responseBody.reserveCapacity(min(max(0, length), Self.reservedBytesMax))
            }
        }
        responseHeaders.append((name, value))
        return count
    }

    private static func trim(
        _ bytes: Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 10 }
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }

    // MARK: After

    /// What came of the transfer, given libcurl's result for it.
    func result(_ code: CURLcode) -> Result<TransferResponse, TransferError> {
        guard let request else {
            let nothing = TransferRequest(method: "", url: "")
            return .failure(TransferError(.invalid, nothing, reason: "nothing was prepared"))
        }
        guard code == CURLE_OK else { return .failure(failure(code, request)) }
        var status = 0
        meridian_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return .success(
            TransferResponse(status: status, headers: responseHeaders, body: responseBody)
        )
    }

    private func failure(_ code: CURLcode, _ request: TransferRequest) -> TransferError {
        let number = Int(code.rawValue)
        if isTooLarge {
            let reason = "the reply is longer than \(request.responseBytesMax) bytes"
            return TransferError(.tooLarge, request, code: number, reason: reason)
        }
        let text = String(cString: errorText)
        let reason = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        return TransferError(kind(code), request, code: number, reason: reason)
    }

    private func kind(_ code: CURLcode) -> TransferError.Kind {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT:
            return .invalid
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
            return .connect
        case CURLE_OPERATION_TIMEDOUT:
            var sent = 0
            meridian_curl_get_long(handle, CURLINFO_REQUEST_SIZE, &sent)
            return sent == 0 ? .connect : .timeout
        default:
            return .broken
        }
    }

    // MARK: Checks

    private static func isHeader(_ header: (String, String)) -> Bool {
        isToken(header.0) && !header.1.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 }
    }

    /// A method or header name (RFC 9110 section 5.6.2).
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default:
                    "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
