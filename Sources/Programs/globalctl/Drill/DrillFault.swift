import ArgumentParser
import Glibc
import JSON
import Replication

/// One kind of fault, as a drill brings it about and ends it.
protocol DrillFault {
    /// In a few words, for the progress.
    var description: String { get }
    /// Whether the region answers its clients during the fault.
    var serves: Bool { get }
    /// Whether what no other region has by then is gone for good.
    var losesUnshipped: Bool { get }
    /// Whether the others have all that the region acknowledged once the fault is there.
    var handsOver: Bool { get }
    /// - Throws: if it cannot be done, or is not allowed.
    func inject(forMilliseconds duration: Int) throws
    /// Ends it, and returns once the region answers.
    func heal() throws
    /// What there is to say afterwards.
    var figures: [(name: String, value: String)] { get }
}

extension DrillFault {
    var serves: Bool { true }
    var losesUnshipped: Bool { false }
    var handsOver: Bool { false }
    var figures: [(name: String, value: String)] { [] }

    /// A fault outlives its drill by this much if nobody ends it.
    static var slackMilliseconds: Int { 30_000 }
}

/// An order to the region that suffers.
private func order(
    _ regions: Regions,
    _ region: String,
    _ path: String,
    _ members: [JSONValue.Member] = [],
) throws {
    _ = try regions.peer(region, "/drill/\(path)", .object(members))
}

private func number(_ name: String, _ value: Int) -> JSONValue.Member {
    .init(name, .number(String(value)))
}

/// The region's links, as the daemon of the settings runs them.
private struct RegionLinks {
    let regions: Regions
    let region: String

    /// Orders the faults for each of the links, and reports the first trouble once all were tried.
    ///
    /// - Returns: how many links the daemon runs to or from the region.
    @discardableResult
    func set(
        _ faults: LinkFaults,
        forMilliseconds duration: Int,
        inward: Bool = true,
        outward: Bool = true,
    ) throws -> Int {
        let links = try running().filter {
            ($0.to == region && inward) || ($0.from == region && outward)
        }
        let answers = links.map { link in
            Result {
                let order = LinkFaultsOrder(link: link, faults: faults, forMilliseconds: duration)
                return try regions.control(Control.faultsPath, order.json())
            }
        }
        for answer in answers { _ = try answer.get() }
        return links.count
    }

    /// The links that the daemon runs: all, or those of one source.
    private func running() throws -> [Control.LinkName] {
        let answer = try regions.control(Control.linksPath)
        return (answer["links"]?.elements ?? []).compactMap { link in
            guard let from = link["from"]?.text, let to = link["to"]?.text else { return nil }
            return Control.LinkName(from: from, to: to)
        }
    }
}

struct IsolationFault: DrillFault {
    enum Way: String, ExpressibleByArgument, CaseIterable {
        case `in`
        case out
        case both
    }

    private let region: String
    private let regions: Regions
    private let way: Way

    init(_ region: String, _ regions: Regions, _ way: Way) {
        self.region = region
        self.regions = regions
        self.way = way
    }

    var description: String {
        switch way {
        case .in: "nothing comes to \(region)"
        case .out: "nothing comes from \(region)"
        case .both: "\(region) is cut off from the others"
        }
    }

    private var links: RegionLinks { RegionLinks(regions: regions, region: region) }

    /// The region refuses whoever asks; the daemon's links give up what is under way.
    func inject(forMilliseconds duration: Int) throws {
        let lasts = duration + Self.slackMilliseconds
        try order(
            regions,
            region,
            "cut",
            [
                .init("in", .bool(way != .out)), .init("out", .bool(way != .in)),
                number("forMilliseconds", lasts),
            ],
        )
        try links.set(
            LinkFaults(isCut: true),
            forMilliseconds: lasts,
            inward: way != .out,
            outward: way != .in,
        )
    }

    func heal() throws {
        try order(regions, region, "heal")
        try links.set(LinkFaults(), forMilliseconds: 0)
    }
}

struct LagFault: DrillFault {
    private let region: String
    private let links: RegionLinks
    private let delayMilliseconds: Int
    private let lossPercent: Int

    init(_ region: String, _ regions: Regions, _ delayMilliseconds: Int, _ lossPercent: Int) {
        self.region = region
        links = RegionLinks(regions: regions, region: region)
        self.delayMilliseconds = delayMilliseconds
        self.lossPercent = lossPercent
    }

    var description: String {
        "the links of \(region) wait \(delayMilliseconds) ms and lose \(lossPercent) % of requests"
    }

    func inject(forMilliseconds duration: Int) throws {
        let count = try links.set(
            LinkFaults(lossPercent: lossPercent, delayMilliseconds: delayMilliseconds),
            forMilliseconds: duration + Self.slackMilliseconds,
        )
        guard count > 0 else { throw Failure("globald runs no link of \(region)") }
    }

    func heal() throws {
        try links.set(LinkFaults(), forMilliseconds: 0)
    }
}

struct PauseFault: DrillFault {
    private let region: String
    private let regions: Regions

    init(_ region: String, _ regions: Regions) {
        self.region = region
        self.regions = regions
    }

    var description: String { "\(region) stands still" }
    var serves: Bool { false }

    func inject(forMilliseconds duration: Int) throws {
        try order(regions, region, "pause", [number("forMilliseconds", duration)])
    }

    /// It wakes by itself.
    func heal() throws {
        try RegionStart(region: region, regions: regions).waitUntilUp()
    }
}

struct ClockFault: DrillFault {
    private let region: String
    private let regions: Regions
    private let offsetMilliseconds: Int

    init(_ region: String, _ regions: Regions, _ offsetMilliseconds: Int) {
        self.region = region
        self.regions = regions
        self.offsetMilliseconds = offsetMilliseconds
    }

    var description: String {
        let way = offsetMilliseconds < 0 ? "behind" : "ahead"
        return "the clock of \(region) is \(abs(offsetMilliseconds)) ms \(way)"
    }

    func inject(forMilliseconds duration: Int) throws {
        try order(
            regions,
            region,
            "clock",
            [
                number("offsetMilliseconds", offsetMilliseconds),
                number("forMilliseconds", duration + Self.slackMilliseconds),
            ],
        )
    }

    func heal() throws {
        try order(regions, region, "heal")
    }
}

/// The process ends; with it, if so asked, its directory.
final class EndFault: DrillFault {
    private let region: String
    private let regions: Regions
    private let losesDirectory: Bool
    private var keptAside: String?

    init(_ region: String, _ regions: Regions, losesDirectory: Bool) {
        self.region = region
        self.regions = regions
        self.losesDirectory = losesDirectory
    }

    var description: String { losesDirectory ? "\(region) is lost" : "\(region) is killed" }
    var serves: Bool { false }
    var losesUnshipped: Bool { losesDirectory }
    var figures: [(name: String, value: String)] {
        keptAside.map { [("directory kept aside as", $0)] } ?? []
    }

    func inject(forMilliseconds duration: Int) throws {
        let path = losesDirectory ? "/drill/lose" : "/drill/kill"
        let answer = try regions.peer(region, path, .object([]))
        keptAside = answer["keptAside"]?.text
    }

    func heal() throws {
        let start = RegionStart(region: region, regions: regions)
        try start.run()
        try start.waitUntilUp()
    }
}
