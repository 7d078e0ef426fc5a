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
    /// Commits wait here while it is closed.
    private let disk = Guarded((isClosed: false, waiting: 0))

    init() throws {
        let name = "region-service-tests-\(UUID().uuidString)"
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        let disk = disk
        store = try SQLiteStore.open(
            directory: directory.path,
            beforeSync: {
                disk.change { $0.waiting += 1 }
                _ = disk.wait { $0.isClosed ? nil : true }
                disk.change { $0.waiting -= 1 }
            },
        )
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
        _ more: @escaping @Sendable (WriteGroup) -> Void = { _ in }
    ) -> RegionWriter.Job {
        let events = events
        return RegionWriter.Job(
            reply: nil,
            bytes: 1,
            afterCommit: { events.change { $0.append("\(name) is durable") } },
        ) { group in
            group.heartbeat()
            more(group)
            events.change { $0.append(name) }
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
        let long = job("long") { _ in
            #expect(writer.submit(application))
            // As long as a large batch takes on a slow machine.
            let end = MonotonicClock.nanoseconds() + 30_000_000
            while MonotonicClock.nanoseconds() < end {}
        }
        #expect(writer.submitPeer(long))
        #expect(writer.submitPeer(job("next")))
        let events = run(until: 6)
        // These two are judged while the disk has the first, so its end may come anywhere after that.
        let order = events?.filter { $0 != "long is durable" }
        #expect(
            order == ["long", "application", "next", "application is durable", "next is durable"]
        )
    }

    @Test func `peers' jobs are judged while the disk has the group before`() {
        disk.change { $0.isClosed = true }
        #expect(writer.submitPeer(job("one")))
        writer.start()
        defer { writer.stop() }
        awaitDisk()
        #expect(writer.submitPeer(job("two")))
        #expect(happened(2) == ["one", "two"])
        disk.change { $0.isClosed = false }
        #expect(happened(4)?.suffix(2).sorted() == ["one is durable", "two is durable"])
    }

    @Test func `no more peers' jobs join a group while the disk is busy than else`() {
        disk.change { $0.isClosed = true }
        #expect(writer.submitPeer(job("one")))
        writer.start()
        defer { writer.stop() }
        awaitDisk()
        let peers = (1...5).map { "peer \($0)" }
        for name in peers { #expect(writer.submitPeer(job(name))) }
        #expect(happened(5) == ["one"] + peers.prefix(4))
        disk.change { $0.isClosed = false }
        // The fifth comes when the four have gone to the disk, which they do after the one.
        let events = happened(12)?.filter { !$0.hasSuffix("durable") || $0.hasPrefix("one") }
        #expect(events == ["one"] + peers.prefix(4) + ["one is durable", "peer 5"])
    }

    @Test func `what joins an open group late is stamped when it came`() {
        disk.change { $0.isClosed = true }
        let times = Guarded([UInt64]())
        let stamped: @Sendable (WriteGroup) -> Void = { group in
            times.change { $0.append(group.wallMilliseconds) }
        }
        #expect(writer.submitPeer(job("one")))
        writer.start()
        defer { writer.stop() }
        awaitDisk()
        #expect(writer.submitPeer(job("two", stamped)))
        #expect(happened(2) == ["one", "two"])
        let before = WallClock.milliseconds() + 5
        while WallClock.milliseconds() < before {}
        #expect(writer.submitPeer(job("three", stamped)))
        #expect(happened(3) == ["one", "two", "three"])
        disk.change { $0.isClosed = false }
        #expect(times.with { $0.last.map { $0 >= before } } == true)
    }

    @Test func `a few jobs of applications wait until the disk has the group before`() {
        disk.change { $0.isClosed = true }
        #expect(writer.submit(job("one")))
        writer.start()
        defer { writer.stop() }
        awaitDisk()
        #expect(writer.submit(job("two")))
        disk.change { $0.isClosed = false }
        #expect(happened(4) == ["one", "one is durable", "two", "two is durable"])
    }

    @Test func `an end waits for what is queued and what the disk has`() {
        disk.change { $0.isClosed = true }
        #expect(writer.submit(job("one")))
        writer.start()
        awaitDisk()
        #expect(writer.submitPeer(job("two")))
        #expect(happened(2) == ["one", "two"])
        #expect(writer.submit(job("three")))
        let disk = disk
        Thread { disk.change { $0.isClosed = false } }.start()
        writer.stop()
        #expect(happened(6)?.suffix(2) == ["two is durable", "three is durable"])
        #expect(!writer.submit(job("four")))
    }

    /// Waits until a commit waits for the disk.
    private func awaitDisk() {
        _ = disk.wait { $0.waiting > 0 ? true : nil }
    }

    /// What happened, when so much has; only what is broken needs so long.
    private func run(until count: Int) -> [String]? {
        writer.start()
        defer { writer.stop() }
        return happened(count)
    }

    private func happened(_ count: Int) -> [String]? {
        events.wait(untilMilliseconds: MonotonicClock.milliseconds() + 60_000) {
            $0.count >= count ? $0 : nil
        }
    }
}
