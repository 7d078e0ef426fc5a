import Engine
import Foundation
import HTTPServer
import Logging
import SQLiteStore
import Testing

@testable import RegionService

/// Which jobs join which group.
final class RegionWriterTests {
    private let directory: URL
    private let store: SQLiteStore
    private let writer: RegionWriter
    private let events = Guarded([String]())

    init() throws {
        let name = "region-service-tests-\(UUID().uuidString)"
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        store = try SQLiteStore.open(directory: directory.path)
        let engine = try store.write { transaction in
            try RegionEngine(
                opening: transaction,
                region: "us-east-1",
                settings: EngineSettings(),
                wallMilliseconds: 1_000,
                randomBits: 1,
            )
        }
        writer = RegionWriter(
            store: store,
            engine: engine,
            published: PublishedCatalog(engine.catalog),
            signal: CommitSignal(),
            waits: CausalWaits(waitMaxMilliseconds: 0, waitingMax: 1),
            queueMax: 10,
            log: Logger(label: "test"),
        )
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// A job that says its name while it runs, and once more when it is committed.
    private func job(
        _ name: String,
        _ more: @escaping @Sendable () -> Void = {}
    ) -> RegionWriter.Job {
        let events = events
        return RegionWriter.Job(
            reply: nil,
            bytes: 1,
            afterCommit: { events.change { $0.append("\(name) is durable") } },
        ) { _ in
            events.change { $0.append(name) }
            more()
            return HTTPResponse(status: 200)
        }
    }

    @Test func `peers' jobs share a group where nobody waits for it`() {
        #expect(writer.submitPeer(job("one")))
        #expect(writer.submitPeer(job("two")))
        #expect(run(until: 4) == ["one", "two", "one is durable", "two is durable"])
    }

    @Test func `an application that comes while a peer's long job runs goes before the next`() {
        let writer = writer
        let application = job("application")
        let long = job("long") {
            #expect(writer.submit(application))
            // As long as a large batch takes on a slow machine.
            let end = MonotonicClock.nanoseconds() + 30_000_000
            while MonotonicClock.nanoseconds() < end {}
        }
        #expect(writer.submitPeer(long))
        #expect(writer.submitPeer(job("next")))
        #expect(
            run(until: 6) == [
                "long", "long is durable", "application", "next", "application is durable",
                "next is durable",
            ]
        )
    }

    /// What happened, when so much has; only what is broken needs so long.
    private func run(until count: Int) -> [String]? {
        writer.start()
        defer { writer.stop() }
        return events.wait(untilMilliseconds: MonotonicClock.milliseconds() + 60_000) {
            $0.count >= count ? $0 : nil
        }
    }
}
