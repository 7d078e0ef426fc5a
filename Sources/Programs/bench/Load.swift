import Glibc

/// How long and how hard to ask.
struct LoadPlan {
    var connections: Int
    /// What is answered in this time is verified, but not measured.
    var warmupNanoseconds: UInt64 = 0
    var nanoseconds: UInt64 = .max / 4
    /// Requests a second; nil for as fast as answers come.
    var rate: Double?
    /// After so many requests the load is over.
    var requestsMax = Int.max
}

/// What to ask, and what has to be answered.
protocol Workload {
    var name: String { get }
    /// Replaces `request` by the next one; answers what `verify` needs to know of it.
    mutating func next(_ request: inout [UInt8]) -> UInt64
    func verify(_ answer: Connection.Answer, token: UInt64) -> Bool
}

/// One run of a workload: one thread, all its connections, one request at a time on each.
struct Load<Work: Workload> {
    /// How long answers may still come when the time is over.
    private static var graceNanoseconds: UInt64 { 10_000_000_000 }

    private let plan: LoadPlan
    private var work: Work
    private let connections: [Connection]
    private var idle: [Int]
    private let awaited: AwaitedAnswers
    private var request: [UInt8] = []
    private var sent = 0
    private var result: LoadResult
    private let start: UInt64
    private let measureFrom: UInt64
    private let end: UInt64

    static func run(_ work: Work, _ plan: LoadPlan, at endpoint: Endpoint) throws -> LoadResult {
        var load = try Load(work, plan, endpoint)
        return try load.run()
    }

    private init(_ work: Work, _ plan: LoadPlan, _ endpoint: Endpoint) throws {
        self.work = work
        self.plan = plan
        connections = try (0..<plan.connections).map { _ in try Connection(endpoint) }
        awaited = try AwaitedAnswers()
        for (index, connection) in connections.enumerated() {
            try awaited.add(connection.descriptor, as: index)
        }
        idle = Array(0..<plan.connections)
        result = LoadResult(name: work.name)
        start = now()
        measureFrom = start + plan.warmupNanoseconds
        end = measureFrom + plan.nanoseconds
    }

    private mutating func run() throws -> LoadResult {
        let processorStart = processorTime()
        var time = start
        while try sendDue(time) || idle.count < connections.count {
            guard time < end || time - end < Self.graceNanoseconds else { break }
            let ready = try awaited.wait(nanoseconds: patience(time))
            time = now()
            for index in ready { try receive(index) }
        }
        result.lost = connections.count - idle.count
        let over = min(now(), end)
        result.seconds = Double(over - min(over, measureFrom)) / 1e9
        result.processorShare =
            Double(processorTime() - processorStart) / Double(max(1, now() - start))
        if let rate = plan.rate, sent < plan.requestsMax {
            let due = Int(Double(end - start) / 1e9 * rate)
            result.unsent = max(0, min(due, plan.requestsMax) - sent)
        }
        return result
    }

    /// Sends what is due on what is idle; false once nothing will be sent any more.
    private mutating func sendDue(_ time: UInt64) throws -> Bool {
        while time < end, sent < plan.requestsMax {
            let due = dueTime(time)
            guard due <= time, let index = idle.popLast() else { return true }
            try send(index, due: due)
        }
        return false
    }

    /// When the next request is to leave.
    private func dueTime(_ time: UInt64) -> UInt64 {
        guard let rate = plan.rate else { return time }
        return start + UInt64(Double(sent) / rate * 1e9)
    }

    private mutating func send(_ index: Int, due: UInt64) throws {
        let connection = connections[index]
        connection.token = work.next(&request)
        connection.started = plan.rate == nil ? now() : due
        sent += 1
        try connection.send(request)
    }

    private mutating func receive(_ index: Int) throws {
        let connection = connections[index]
        let verdict = try connection.receive { answer in
            work.verify(answer, token: connection.token) ? nil : Self.words(answer)
        }
        guard let verdict else { return }
        let time = now()
        if let words = verdict {
            result.wrong += 1
            result.firstWrong = result.firstWrong ?? words
        } else if time >= measureFrom, time < end {
            result.latencies.add(nanoseconds: time - min(time, connection.started))
        }
        idle.append(index)
        // As fast as answers come: ask again before the other answers are read.
        if plan.rate == nil { _ = try sendDue(time) }
    }

    /// How long to sleep unless an answer comes.
    private func patience(_ time: UInt64) -> UInt64 {
        let moment: UInt64 = 100_000_000
        guard plan.rate != nil, !idle.isEmpty, time < end else { return moment }
        let due = dueTime(time)
        return due > time ? min(moment, due - time) : 0
    }

    private static func words(_ answer: Connection.Answer) -> String {
        "status \(answer.status), \(String(decoding: answer.body.prefix(300), as: UTF8.self))"
    }
}
