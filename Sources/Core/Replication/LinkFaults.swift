package import JSON

/// What a rehearsal does to the requests of one link, until its time is up.
///
/// `POST /links/faults` of a daemon's control port takes them, if the settings allow drills. The
/// values of nothing (`LinkFaults()`) end them at once.
package struct LinkFaults: Equatable, Sendable {
    /// Nothing gets through; what is under way is given up.
    package var isCut = false
    /// How many of a hundred requests are lost: half of them on the way out, the others done, but
    /// without an answer.
    package var lossPercent = 0
    /// What each request waits before it is sent.
    package var delayMilliseconds = 0

    package init(isCut: Bool = false, lossPercent: Int = 0, delayMilliseconds: Int = 0) {
        self.isCut = isCut
        self.lossPercent = lossPercent
        self.delayMilliseconds = delayMilliseconds
    }

    package static let delayMillisecondsMax = 60_000
    /// The longest that one order lasts.
    package static let durationMillisecondsMax = 3_600_000

    package var areNone: Bool { self == LinkFaults() }

    /// What becomes of one request.
    package enum Fate: Equatable, Sendable {
        case sent
        /// It never arrives.
        case lost
        /// It is done, and nobody hears of it.
        case unanswered
    }

    /// What becomes of a request, by a number drawn from 0 to 199, each as likely.
    package func fate(draw: Int) -> Fate {
        guard !isCut else { return .lost }
        if draw < lossPercent { return .lost }
        return draw < 2 * lossPercent ? .unanswered : .sent
    }
}

/// Faults for one link, and for how long.
package struct LinkFaultsOrder: Equatable, Sendable {
    package let link: Control.LinkName
    package let faults: LinkFaults
    package let forMilliseconds: Int

    package init(link: Control.LinkName, faults: LinkFaults, forMilliseconds: Int) {
        self.link = link
        self.faults = faults
        self.forMilliseconds = forMilliseconds
    }

    package func json() -> JSONValue {
        .object([
            .init("from", .string(link.from)),
            .init("to", .string(link.to)),
            .init("cut", .bool(faults.isCut)),
            .init("lossPercent", .number(String(faults.lossPercent))),
            .init("delayMilliseconds", .number(String(faults.delayMilliseconds))),
            .init("forMilliseconds", .number(String(forMilliseconds))),
        ])
    }

    /// Nil for anything but an object of these members within their bounds.
    package init?(_ json: JSONValue) {
        func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
            guard case .number(let digits)? = json[name], let value = Int(digits),
                range.contains(value)
            else { return nil }
            return value
        }
        guard case .string(let from)? = json["from"], case .string(let to)? = json["to"],
            case .bool(let isCut)? = json["cut"],
            let loss = number("lossPercent", 0...100),
            let delay = number("delayMilliseconds", 0...LinkFaults.delayMillisecondsMax),
            let duration = number("forMilliseconds", 0...LinkFaults.durationMillisecondsMax)
        else { return nil }
        self.init(
            link: Control.LinkName(from: from, to: to),
            faults: LinkFaults(isCut: isCut, lossPercent: loss, delayMilliseconds: delay),
            forMilliseconds: duration,
        )
    }
}
