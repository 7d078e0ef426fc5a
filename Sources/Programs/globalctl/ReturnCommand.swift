import ArgumentParser
import Changes
import Glibc
import JSON
import Replication

struct ReturnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "return",
        abstract: "Let an evacuated region take writes again, once it has caught up.",
        discussion: """
            Waits until the region has all that the others had when they were asked first, then lifts \
            its fence, and says how long it took no writes. A region that does not answer is waited \
            for; --without goes on without it. To lift the fence at once, whatever the region lacks: \
            globalctl evacuate REGION --abort.

            Exit codes: 0 the region takes writes; 1 it does not, and the fence stands.

            Examples:
              globalctl return us-east-1
              globalctl return us-east-1 --timeout 10m --output json
              globalctl return us-east-1 --without ap-northeast-1
            """,
    )

    @OptionGroup var options: Options

    @Argument(help: "The region that was evacuated.")
    var region: String

    @Option(help: "How long to wait at most: 90s, 10m, 2h (to a day); a number alone is seconds.")
    var timeout = DurationArgument(milliseconds: 60_000)

    @Option(help: "A region that need not answer; may be repeated.")
    var without: [String] = []

    func validate() throws {
        guard !without.contains(region) else {
            throw ValidationError("--without names the region that is to return")
        }
        try timeout.checkWait("--timeout")
    }

    func run() throws {
        let regions = try options.regions()
        try regions.check(region)
        let calls = FenceCalls(region, regions)
        var machine = Homecoming(
            region,
            without: Set(without),
            deadlineMilliseconds: UInt64(Timestamp.now() + timeout.milliseconds),
        )
        try finish(calls.run(&machine, showing: options.output == .text))
    }

    private func finish(_ outcome: Homecoming.Outcome) throws {
        switch outcome {
        case .returned(_, let fenced):
            show(
                true,
                fenced,
                [],
                "\(region) takes writes again, after \(FenceCalls.seconds(fenced)) without"
            )
        case .unfenced: show(true, nil, [], "\(region) is not fenced: it takes writes")
        case .late(let lacks):
            let lines = lacks.map { "  \($0.text)" }.joined(separator: "\n")
            show(false, nil, lacks, "Lacking:\n\(lines)")
            throw Failure(
                "\(region) has not caught up; its fence stands: globalctl return \(region) goes on, "
                    + "globalctl evacuate \(region) --abort lifts it at once"
            )
        }
    }

    private func show(_ isWritable: Bool, _ fenced: UInt64?, _ lacks: [Drain.Lack], _ text: String)
    {
        let json = JSONValue.object([
            .init("region", .string(region)),
            .init("writable", .bool(isWritable)),
            .init("fencedMilliseconds", fenced.map { .number(String($0)) } ?? .null),
            .init("without", .array(without.map { .string($0) })),
            .init("lacks", .array(lacks.map(\.json))),
        ])
        options.show(json) { text }
    }
}
