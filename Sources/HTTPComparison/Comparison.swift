package import HTTPServer

/// Holds this server's parser against that of NIOHTTP1, which much of the world's traffic has tried:
/// both must take the same bytes and see the same requests, but for the differences named here.
package enum Comparison {
    /// What this server refuses and NIOHTTP1 takes, and why.
    package static let refusedOnlyHere: [RequestFault: String] = [
        .requestLine: "one space between its parts; NIOHTTP1 takes several (RFC 9112 section 3)",
        .method: "no WebDAV, no proxy, and only whole empty lines before (RFC 9110 section 9.1)",
        .target: "no fragment, user, empty host, or bytes beyond ASCII (RFC 9112 section 3.2)",
        .host: "the RFC has it answered 400 (RFC 9112 section 3.2)",
        .hugeLength: "2⁶³ bytes; NIOHTTP1 counts to 2⁶⁴ (RFC 9110 section 8.6)",
        .coding: "none but chunked is known here (RFC 9112 section 6.1)",
        .codingInVersion10: "its framing is faulty (RFC 9112 section 6.1)",
        .hugeChunk: "2⁶³ bytes, or leading zeros without end (RFC 9112 section 7.1)",
        .chunkExtension: "a name, and behind '=' a value (RFC 9112 section 7.1.1)",
        .trailer: "a field that another server may heed (RFC 9110 section 6.5.1)",
        .headTooLong: "all of a head's bytes count, and chunk extensions (RFC 9112 section 7.1.1)",
    ]

    /// How the two differ about a arrival in a way that is not named here; nil if they do not.
    package static func difference(
        _ arrival: Arrival,
        limits: HTTPLimits = HTTPLimits(),
    ) -> String? {
        let (own, fault) = Reading.own(arrival, limits: limits)
        let nio = Reading.nio(arrival, limits: limits)
        for (number, (mine, theirs)) in zip(own.requests, nio.requests).enumerated() {
            if mine != theirs {
                guard !isNamed(mine, theirs) else { return nil }
                return "request \(number) is \(mine) here and \(theirs) there"
            }
            // What follows the last request is nobody's; NIOHTTP1 complains about it.
            if mine.closes { return nil }
        }
        guard own.requests.count <= nio.requests.count else {
            return "\(own.requests.count) requests here, \(nio.requests.count) there, "
                + "refused: \(nio.refusal ?? "no")"
        }
        if let fault {
            if refusedOnlyHere[fault] != nil { return nil }
            guard own.requests.count == nio.requests.count else {
                return "refused here alone, for \(fault), after \(own.requests.count) requests"
            }
            if nio.refusal != nil || isRefusedLater({ Reading.nio($0, limits: limits) }, arrival) {
                return nil
            }
            return "refused here alone, for \(fault)"
        }
        guard own.requests.count == nio.requests.count else {
            return "\(own.requests.count) requests here, \(nio.requests.count) there"
        }
        guard let refusal = nio.refusal else { return nil }
        if isRefusedLater({ Reading.own($0, limits: limits).reading }, arrival) { return nil }
        return "refused there alone, for \(refusal)"
    }

    /// How what this server sees differs from what it sees where `known` is what was read before, and what
    /// is read on the way; nil if it does not.
    package static func difference(
        _ arrival: Arrival,
        limits: HTTPLimits = HTTPLimits(),
        known: KnownHead,
    ) -> String? {
        let alone = Reading.own(arrival, limits: limits, known: nil).reading
        let reading = Reading.own(arrival, limits: limits, known: known).reading
        if alone.requests == reading.requests, alone.refusal == reading.refusal { return nil }
        return "\(alone) alone, \(reading) with what is known"
    }

    /// How many whole requests this server sees, and whether it refuses what follows.
    package static func seen(_ arrival: Arrival) -> (requests: Int, isRefused: Bool) {
        let reading = Reading.own(arrival, limits: HTTPLimits()).reading
        return (reading.requests.count, reading.refusal != nil)
    }

    /// Whether a parser that looks at whole lines refuses the arrival once its last line has an end.
    private static func isRefusedLater(
        _ read: (Arrival) -> Reading,
        _ arrival: Arrival,
    ) -> Bool {
        ["\r\n\r\n", "\n\r\n"].contains { read(arrival.with($0)).refusal != nil }
    }

    /// Whether two views of one request differ as they should.
    private static func isNamed(_ mine: ObservedRequest, _ theirs: ObservedRequest) -> Bool {
        var same = theirs
        same.closes = mine.closes
        guard mine == same else { return false }
        // "close" ends a connection of HTTP/1.0 even beside "keep-alive" (RFC 9112 section 9.3).
        return mine.closes && mine.isVersion10
            // An invention of the nineties that RFC 9112 appendix C.2.2 warns of.
            || !mine.values(of: "proxy-connection").isEmpty
    }
}
