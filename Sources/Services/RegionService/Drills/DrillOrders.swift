import Foundation
import HTTPServer
import JSON
import Logging
import Wire

/// What a rehearsal has a region suffer, if `drills.allow` says that it may.
///
/// - `POST /drill/cut {"in", "out", "forMilliseconds"}` refuses links what they ask;
/// - `POST /drill/clock {"offsetMilliseconds", "forMilliseconds"}` sets the clock off;
/// - `POST /drill/pause {"forMilliseconds"}` stops the process, all its threads, as it stands;
/// - `POST /drill/kill` ends it as kill -9 does;
/// - `POST /drill/lose` moves its directory aside, and ends it so: the next start finds nothing;
/// - `POST /drill/heal` ends cut and clock.
///
/// Cut, clock and pause end by themselves.
struct DrillOrders: Sendable {
    let isAllowed: Bool
    let faults: DrillFaults
    /// The region's directory.
    let data: String
    let log: Logger

    /// Between the answer to an order that ends the process and its end.
    private static let goodbyeMicroseconds: UInt32 = 50_000
    /// The longest pause: what is longer is a loss to everyone who waits.
    private static let pauseMillisecondsMax = 600_000
    /// Further off, and what the region wrote meanwhile would be held by the others for as long.
    private static let offsetMillisecondsMax = 600_000

    /// - Returns: false for a path that is none of these.
    func handle(_ request: HTTPRequest, path: String, _ reply: ResponseWriter) throws -> Bool {
        guard request.method == "POST", path.hasPrefix("/drill/") else { return false }
        guard isAllowed else {
            reply.respond(
                PeerResponse.failure(
                    "DRILLS_NOT_ALLOWED",
                    "this region allows no rehearsals (drills.allow in its settings)",
                    status: 403,
                )
            )
            return true
        }
        let body = try JSONParser.parse(request.body, depthMax: 4)
        switch path {
        case "/drill/cut": try cut(body)
        case "/drill/clock": try setClock(body)
        case "/drill/heal":
            faults.clear()
            WallClock.clearOffset()
        case "/drill/pause": try pause(body)
        case "/drill/kill": end("killed by a drill")
        case "/drill/lose": return try lose(reply)
        default: return false
        }
        log.warning("drill", metadata: ["order": "\(path)"])
        reply.respond(PeerResponse.json(status))
        return true
    }

    /// What a rehearsal has the region suffer at this moment.
    var status: JSONValue {
        let cut = faults.cut
        return .object([
            .init("cutIn", .bool(cut.inward)),
            .init("cutOut", .bool(cut.outward)),
            .init("clockOffsetMilliseconds", .number(String(WallClock.offsetMilliseconds))),
        ])
    }

    private func cut(_ body: JSONValue) throws {
        let cut = DrillFaults.Cut(
            inward: body["in"] == .bool(true),
            outward: body["out"] == .bool(true),
        )
        let duration = try Self.number(body, "forMilliseconds", 1...3_600_000)
        faults.set(cut, forMilliseconds: UInt64(duration))
    }

    private func setClock(_ body: JSONValue) throws {
        let most = Self.offsetMillisecondsMax
        let offset = try Self.number(body, "offsetMilliseconds", -most...most)
        let duration = try Self.number(body, "forMilliseconds", 1...3_600_000)
        WallClock.setOffset(milliseconds: Int64(offset), forMilliseconds: UInt64(duration))
    }

    /// Another process wakes this one: a stopped one cannot.
    private func pause(_ body: JSONValue) throws {
        let duration = try Self.number(body, "forMilliseconds", 1...Self.pauseMillisecondsMax)
        let own = getpid()
        let seconds = Double(duration) / 1_000
        let alarm = Process()
        alarm.executableURL = URL(fileURLWithPath: "/bin/sh")
        alarm.arguments = ["-c", "sleep \(seconds); kill -CONT \(own)"]
        try alarm.run()
        Self.afterGoodbye { kill(own, SIGSTOP) }
    }

    private func end(_ reason: String) {
        log.critical("ending at once", metadata: ["reason": "\(reason)"])
        Self.afterGoodbye { kill(getpid(), SIGKILL) }
    }

    private func lose(_ reply: ResponseWriter) throws -> Bool {
        let aside = "\(data).lost-\(WallClock.milliseconds())"
        guard rename(data, aside) == 0 else {
            let reason = String(cString: strerror(errno))
            throw ServiceError.validation("'\(data)' cannot be moved aside: \(reason)")
        }
        reply.respond(PeerResponse.json(.object([.init("keptAside", .string(aside))])))
        end("lost by a drill; its directory is now \(aside)")
        return true
    }

    private static func afterGoodbye(_ act: @escaping @Sendable () -> Void) {
        let thread = Thread {
            usleep(goodbyeMicroseconds)
            act()
        }
        thread.name = "drill"
        thread.start()
    }

    private static func number(
        _ body: JSONValue,
        _ name: String,
        _ range: ClosedRange<Int>,
    ) throws -> Int {
        guard let value = body[name]?.integer, range.contains(value) else {
            throw ServiceError.validation(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }
}
