import ArgumentParser

/// Reads the whole table again and again, by segments, and verifies each item.
struct Scan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Scans the table in parallel segments and verifies each item.",
        discussion: """
            Each segment has a connection of its own. When all have come to their end, as many items \
            must have been found as --keys says, and the next pass begins. No other load may write.
            """,
    )

    private static let segmentsMax = 900

    @OptionGroup var items: ItemOptions

    @Option(help: "The region's API endpoint.")
    var url = "http://127.0.0.1:8001"

    @Option(help: "How many segments, each on a connection of its own.")
    var segments = 8

    @Option(help: "How long to go on; the pass under way is finished.")
    var seconds = 10.0

    @Option(help: "How to print the result.")
    var output = OutputFormat.text

    func validate() throws {
        guard segments >= 1, segments <= Self.segmentsMax, seconds > 0 else {
            throw ValidationError(
                "--segments must be from 1 to \(Self.segmentsMax), --seconds above 0."
            )
        }
    }

    func run() throws {
        let endpoint = try Endpoint(url)
        let scans = try (0..<segments).map { number in
            SegmentScan(try Connection(endpoint), number, of: segments, items, at: endpoint)
        }
        let start = now()
        var (found, passes) = (0, 0)
        repeat {
            let count = try pass(scans)
            guard count == items.keys else {
                throw Failure("a pass found \(count) items of \(items.keys)")
            }
            found += count
            passes += 1
        } while now() - start < nanoseconds(seconds)
        print(text(found, passes, seconds: Double(now() - start) / 1e9))
    }

    /// The items of one pass, each verified.
    private func pass(_ scans: [SegmentScan]) throws -> Int {
        let awaited = try AwaitedAnswers()
        for (number, scan) in scans.enumerated() {
            try awaited.add(scan.connection.descriptor, as: number)
            try scan.begin()
        }
        while !scans.allSatisfy(\.isOver) {
            for number in try awaited.wait(nanoseconds: 100_000_000) where !scans[number].isOver {
                try scans[number].receive()
            }
        }
        return scans.reduce(0) { $0 + $1.found }
    }

    private func text(_ found: Int, _ passes: Int, seconds: Double) -> String {
        let rate = seconds > 0 ? Double(found) / seconds : 0
        return switch output {
        case .text:
            "scan: \(Int(rate.rounded())) items/s (\(passes) passes of \(items.keys) items in "
                + "\(rounded(seconds)) s, \(segments) segments)"
        case .json:
            """
            {"name":"scan","perSecond":\(rounded(rate)),"items":\(found),"passes":\(passes),\
            "segments":\(segments),"seconds":\(rounded(seconds))}
            """
        }
    }
}

/// One segment on its connection, page after page.
private final class SegmentScan {
    let connection: Connection
    private(set) var found = 0
    private(set) var isOver = false
    private let form: RequestForm
    private let items: ItemForm
    private let start: [UInt8]
    private var request: [UInt8] = []

    init(
        _ connection: Connection,
        _ number: Int,
        of segments: Int,
        _ options: ItemOptions,
        at endpoint: Endpoint,
    ) {
        self.connection = connection
        form = RequestForm("Scan", at: endpoint)
        items = ItemForm(options)
        start = Array(
            #"{"TableName":"\#(options.table)","Segment":\#(number),"TotalSegments":\#(segments)"#
                .utf8
        )
    }

    func begin() throws {
        (found, isOver) = (0, false)
        try ask(after: nil)
    }

    private func ask(after key: UnsafeRawBufferPointer?) throws {
        var body = start
        if let key {
            body.append(#","ExclusiveStartKey":"#)
            body.append(contentsOf: key)
        }
        body.append("}")
        form.write(body, to: &request)
        try connection.send(request)
    }

    /// Takes what there is of a page; asks for the next one when it is whole.
    func receive() throws {
        let next: [UInt8]?? = try connection.receive { answer -> [UInt8]? in
            guard answer.status == 200 else { return [] }
            var isGood = true
            let isWhole = items.forEachNumber(in: answer.body) { number in
                isGood = isGood && number != nil
                found += 1
            }
            guard isGood, isWhole else { return [] }
            return JSONScan.object(of: "LastEvaluatedKey", in: answer.body).map(Array.init)
        }
        guard let next else { return }
        guard let key = next else {
            isOver = true
            return
        }
        guard !key.isEmpty else { throw Failure("a page is not what was written") }
        try key.withUnsafeBytes { try ask(after: $0) }
    }
}
