/// Makes connections' bytes from a seed: requests of all forms, half of them good in each part, and half
/// of all that a connection brings spoilt a little.
package struct ArrivalMaker {
    private var state: UInt64
    /// Whether the request that is being made has nothing odd.
    private var isTidy = false

    package init(seed: UInt64) {
        state = seed
    }

    /// The next arrival, cut at places of its own.
    package mutating func next() -> Arrival {
        var bytes: [UInt8] = []
        for _ in 0...below(3) { bytes += Array(request().utf8) }
        if isChance(1, in: 2) {
            for _ in 0...below(3) { spoil(&bytes) }
        }
        let cuts = (0..<below(6)).map { _ in below(bytes.count + 1) }
        return Arrival(bytes, cuts: isChance(1, in: 20) ? Array(bytes.indices) : cuts)
    }

    // MARK: Requests

    private mutating func request() -> String {
        isTidy = isChance(1, in: 2)
        let line =
            pick(Self.methods, first: 7) + pick(Self.spaces, first: 9)
            + pick(Self.targets, first: 5) + pick(Self.spaces, first: 9)
            + pick(Self.versions, first: 9)
        var fields = isTidy || isChance(9, in: 10) ? ["Host: a"] : []
        for _ in 0..<below(4) { fields.append(field()) }
        let (framing, body) = framing()
        fields.insert(contentsOf: framing, at: below(fields.count + 1))
        let lines = !isTidy && isChance(1, in: 10) ? pick(Self.fragments) : ""
        return lines + ([line] + fields).map { $0 + end() }.joined() + end() + body
    }

    private mutating func field() -> String {
        pick(Self.names, first: 2) + ":" + pick(Self.values, first: 8)
    }

    private mutating func end() -> String {
        !isTidy && isChance(1, in: 100) ? pick(["\n", "\r", "\r\r\n", "\n\r"]) : "\r\n"
    }

    /// Fields that say how long a body is, and one that is usually as long.
    private mutating func framing() -> (fields: [String], body: String) {
        let body = String(repeating: "b", count: below(20))
        switch below(isTidy ? 6 : 8) {
        case 0, 1: return ([], "")
        case 2, 3, 4:
            let padding = pick(Self.paddings, first: 3)
            return (["Content-Length:" + padding + "\(body.utf8.count)"], body)
        case 5: return (["Transfer-Encoding: chunked"], chunks(body))
        case 6:
            return (
                ["transfer-encoding:" + pick(Self.codings)]
                    + (isChance(1, in: 4) ? ["Content-Length: 3"] : []),
                chunks(body)
            )
        default:
            return ((0...below(2)).map { _ in "Content-Length:" + pick(Self.lengths) }, body)
        }
    }

    private mutating func chunks(_ body: String) -> String {
        var text = ""
        var rest = body[...]
        while !rest.isEmpty {
            let part = rest.prefix(1 + below(rest.count))
            rest = rest.dropFirst(part.count)
            text += String(part.utf8.count, radix: 16, uppercase: isChance(1, in: 2))
            text += isChance(1, in: 4) ? pick(Self.extensions, first: 4) : ""
            text += end() + part + end()
        }
        text += pick(Self.lastChunks, first: 4) + end()
        for _ in 0..<below(3) where isChance(1, in: 3) { text += field() + end() }
        return text + end()
    }

    // MARK: Spoiling

    private mutating func spoil(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = below(bytes.count)
        switch below(6) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: below(256))
        case 1: bytes[place] = Array(pick(Self.fragments).utf8).first ?? 0
        case 2: bytes.insert(contentsOf: Array(pick(Self.fragments).utf8), at: place)
        case 3: bytes.remove(at: place)
        case 4:
            let end = min(bytes.count, place + below(12))
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: below(bytes.count))
        default: bytes.removeLast(min(bytes.count, below(10)))
        }
    }

    // MARK: Chance

    private mutating func isChance(_ part: Int, in whole: Int) -> Bool {
        below(whole) < part
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices[below(choices.count)]
    }

    /// One of the choices; of the first `count`, which are good, in a tidy request.
    private mutating func pick(_ choices: [String], first count: Int) -> String {
        choices[below(isTidy ? count : choices.count)]
    }

    private mutating func below(_ bound: Int) -> Int {
        Int(draw() % UInt64(bound))
    }

    /// SplitMix64.
    private mutating func draw() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}

// MARK: What requests are made of

/// What is good comes first, and what is usual several times.
extension ArrivalMaker {
    fileprivate static let methods = [
        "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE",
        "CONNECT", "MKCOL", "get", "GETS", "M-SEARCH", "PRI", "SOURCE", "",
    ]
    fileprivate static let spaces = [" ", " ", " ", " ", " ", " ", " ", " ", " ", "  ", "\t", ""]
    fileprivate static let targets = [
        "/", "/", "/", "/", "/a/b?c=d&e=%20", "/?", "//", "*", "*a", "http://a/", "http://a",
        "a:80",
        "https://a:1?b", "http://u@a/", "http:///", "/#x", "/a b", "/é", "/\u{7f}", "?", "a1://b/",
        "/\"<>\\^`{|}", "http://[::1]/", "",
    ]
    fileprivate static let versions = [
        "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1",
        "HTTP/1.0", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.10", "",
        "HTTP/1", "HTTPS/1.1", "ICE/1.0", "RTSP/1.0", "HTTP/01.1", "HTTP/1,1",
    ]
    fileprivate static let names = [
        "X-Amz-Target", "Accept", "X", "Connection", "connection", "Expect", "Upgrade", "Host",
        "Content-Length", "Transfer-Encoding", "X Y", "X ", " X", "", "é", "!#$%&'*+-.^_`|~", "X\t",
        "Keep-Alive", "TE", "Content-Lengt", "Content-Lengthh", "Connectio", "(x)",
    ]
    fileprivate static let values = [
        " y", "y", "", " ", "\t", " y ", "  y\t ", " a\"b", " close", "close", " keep-alive",
        " Keep-Alive, close",
        " upgrade", " h2c", " close , x", ",close,", " closed", " close x", " x;close",
        " 100-continue",
        " chunked", " 3", " é", " \u{1}", " \u{7f}", "\ty", " close,", " , keep-alive",
        "y\u{b}",
    ]
    fileprivate static let paddings = ["", " ", "  ", "\t"]
    fileprivate static let lastChunks = [
        "0", "0", "00", "0;a=b", "0000000000000000", "00000000000000000",
    ]
    fileprivate static let codings = [
        " chunked", "chunked", " Chunked ", " CHUNKED", " gzip, chunked", " chunked, gzip",
        " identity",
        " chunked, chunked", "", " chunked;a=b", " xchunked", " chunkedx", " ,chunked", " chunked,",
        " \"chunked\"", " gzip",
    ]
    fileprivate static let lengths = [
        " 0", " 3", "3", " 03", " +3", " -3", " 3 ", " 3,3", " 3, 3", " 0x3", "", " ", " 3 3",
        " 3\t",
        " 9223372036854775807", " 9223372036854775808", " 18446744073709551616", " ३", " 3.0",
        " 3e0",
    ]
    fileprivate static let extensions = [
        ";a", ";a=b", ";a=\"b\"", ";a=\"b;\\\"c\"", ";", ";=", ";a=", " ;a", "; a", ";a ", ";a =b",
        ";a;b=c",
        " ", "\t", ";a=\"", ";\u{1}", ";é", ";a=é", ";a=\"é\"", ";a=\"\t\"", ";a\"", "x",
        ";a=b\"c\"",
    ]
    fileprivate static let fragments = [
        "\r", "\n", "\r\n", "\r\n\r\n", " ", "\t", ":", ",", ";", "\0", "0", "f", "#", "\u{7f}",
        "é", "A",
        "\r\n ", "\r\n\t", "\n\n", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "\"",
        "Connection: close\r\n", "GET / HTTP/1.1\r\n\r\n", "-", "+", "@", "_",
    ]
}
