import Foundation
import JSON
import Replication
import Synchronization

/// A small load on the scratch table: one writer for each region, every write noted.
///
/// A writer writes items of its own, some of which it deletes again, and every fourth time one that
/// all writers share. It writes in its home region; when that refuses or does not answer it goes to
/// the next one, and tries its home again now and then. Away from home its items are others, so that
/// each item of one writer is written in one region alone.
final class DrillLoad: Sendable {
    private let regions: Regions
    private let table: String
    private let pauseMicroseconds: UInt32
    private let ledger = Mutex(DrillLedger())
    private let isStopped = Atomic<Bool>(false)
    private let running = DispatchGroup()

    /// How long a writer waits for an answer before it goes elsewhere.
    private let answerMilliseconds: Int
    /// How long a writer stays away before it tries its home again.
    private static let homeMilliseconds: UInt64 = 1_000
    private static let ownItems = 40
    private static let sharedItems = 8
    private static let padding = String(repeating: "x", count: 100)

    init(_ regions: Regions, table: String, rate: Int, answerMilliseconds: Int) {
        self.regions = regions
        self.table = table
        self.answerMilliseconds = answerMilliseconds
        pauseMicroseconds = UInt32(1_000_000 / max(1, rate))
    }

    func start() {
        for home in regions.names {
            running.enter()
            let thread = Thread { [self] in
                var writer = Writer(home: home, names: regions.names)
                while !isStopped.load(ordering: .relaxed) {
                    step(&writer)
                    usleep(pauseMicroseconds)
                }
                running.leave()
            }
            thread.name = "drill \(home)"
            thread.start()
        }
    }

    /// Returns once no write is under way.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        running.wait()
    }

    /// The writes so far.
    var writes: DrillLedger { ledger.withLock { $0 } }

    /// A region's client.
    private struct Writer {
        let home: String
        /// Where it goes, in this order, beginning with home.
        let others: [String]
        var away = 0
        var awaySince: UInt64 = 0
        var count = 0

        init(home: String, names: [String]) {
            self.home = home
            let place = names.firstIndex(of: home) ?? 0
            others = Array(names[(place + 1)...] + names[..<place])
        }

        var serving: String { away == 0 ? home : others[(away - 1) % others.count] }
    }

    private func step(_ writer: inout Writer) {
        let now = Clock.milliseconds()
        if writer.away > 0, now - writer.awaySince >= Self.homeMilliseconds {
            let away = writer.away
            writer.away = 0
            if write(&writer) { return }
            // The attempt itself may have taken as long as the time away.
            writer.away = away
            writer.awaySince = Clock.milliseconds()
            return
        }
        if !write(&writer) {
            writer.away += 1
            writer.awaySince = Clock.milliseconds()
        }
    }

    /// - Returns: whether it was acknowledged.
    private func write(_ writer: inout Writer) -> Bool {
        writer.count += 1
        let region = writer.serving
        let value = "\(writer.home)/\(region)/\(writer.count)"
        let isShared = writer.count % 4 == 0
        let isDelete = !isShared && writer.count % 10 == 7
        let item =
            isShared
            ? "common/\(writer.count / 4 % Self.sharedItems)"
            : "own/\(writer.home)/\(region)/\(writer.count % Self.ownItems)"
        let start = Clock.milliseconds()
        let answer = Result { () throws -> String? in
            if isShared { return try update(item, value, in: region) }
            if isDelete { try delete(item, in: region) } else { try put(item, value, in: region) }
            return nil
        }
        let outcome: DrillWrite.Outcome
        switch answer {
        case .success: outcome = .acknowledged
        case .failure(let failure as Failure):
            let isRefused = failure.isOfFencedRegion || !failure.mayHaveActed
            outcome = isRefused ? .refused : .unknown
        case .failure: outcome = .unknown
        }
        let write = DrillWrite(
            item: item,
            value: isDelete ? nil : value,
            replaced: (try? answer.get()) ?? nil,
            isShared: isShared,
            home: writer.home,
            region: region,
            startMilliseconds: start,
            endMilliseconds: Clock.milliseconds(),
            outcome: outcome,
        )
        ledger.withLock { $0.note(write) }
        return outcome == .acknowledged
    }

    private func put(_ item: String, _ value: String, in region: String) throws {
        let image: [JSONValue.Member] = [
            .init("p", .attribute(item)), .init("v", .attribute(value)),
            .init("padding", .attribute(Self.padding)),
        ]
        _ = try call("PutItem", [.init("Item", .object(image))], region)
    }

    private func delete(_ item: String, in region: String) throws {
        _ = try call("DeleteItem", [key(item)], region)
    }

    /// - Returns: what the item held before.
    private func update(_ item: String, _ value: String, in region: String) throws -> String? {
        let answer = try call(
            "UpdateItem",
            [
                key(item),
                .init("UpdateExpression", .string("SET v = :v")),
                .init("ExpressionAttributeValues", .object([.init(":v", .attribute(value))])),
                .init("ReturnValues", .string("ALL_OLD")),
            ],
            region,
        )
        return answer["Attributes"]?["v"]?["S"]?.text
    }

    private func key(_ item: String) -> JSONValue.Member {
        .init("Key", .object([.init("p", .attribute(item))]))
    }

    private func call(
        _ operation: String,
        _ members: [JSONValue.Member],
        _ region: String,
    ) throws -> JSONValue {
        try regions.api(
            region,
            operation,
            .object([.init("TableName", .string(table))] + members),
            timeoutMilliseconds: answerMilliseconds,
        )
    }
}

extension JSONValue {
    /// A string as the API writes it.
    static func attribute(_ text: String) -> JSONValue {
        .object([.init("S", .string(text))])
    }
}
