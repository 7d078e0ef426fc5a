import Glibc
import JSON
import Replication

/// The region is evacuated, and returns: the one fault that is planned.
final class EvacuationFault: DrillFault {
    private let region: String
    private let regions: Regions
    private let options: Options
    private let givenUp: [String]
    private var safeAfter: UInt64?
    private var fencedMilliseconds: UInt64?

    /// How long to wait for the others to have everything, and for the region to have caught up.
    private static let waitMilliseconds: UInt64 = 60_000

    init(_ region: String, _ regions: Regions, _ options: Options, givenUp: [String]) {
        self.region = region
        self.regions = regions
        self.options = options
        self.givenUp = givenUp
    }

    var description: String { "\(region) is evacuated" }
    var serves: Bool { false }
    var handsOver: Bool { true }

    var figures: [(name: String, value: String)] {
        [("safe after", safeAfter), ("without writes", fencedMilliseconds)].compactMap {
            name,
            time in
            time.map { (name, "\($0) ms") }
        }
    }

    /// Returns once the region is safe to take away.
    func inject(forMilliseconds duration: Int) throws {
        let began = Clock.milliseconds()
        let machine = Evacuation(
            region,
            givenUp: Set(givenUp),
            deadlineMilliseconds: UInt64(Timestamp.now()) + Self.waitMilliseconds,
        )
        var run = EvacuationRun(machine, FenceCalls(region, regions), options)
        let outcome = run.run()
        let report = EvacuationReport(run.machine, outcome, [], givenUp)
        if let complaint = report.complaint { throw Failure(complaint) }
        safeAfter = Clock.milliseconds() - began
    }

    func heal() throws {
        let calls = FenceCalls(region, regions)
        var machine = Homecoming(
            region,
            deadlineMilliseconds: UInt64(Timestamp.now()) + Self.waitMilliseconds,
        )
        switch calls.run(&machine, showing: options.output == .text) {
        case .returned(_, let fenced): fencedMilliseconds = fenced
        case .unfenced: throw Failure("somebody lifted the fence of \(region) meanwhile")
        case .late(let lacks):
            _ = try calls.lift()
            let lines = lacks.map(\.text).joined(separator: "; ")
            throw Failure("\(region) did not catch up, so its fence was lifted: \(lines)")
        }
    }
}
