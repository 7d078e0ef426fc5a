import Engine
import Foundation
import HTTPServer
package import Logging
import SQLiteStore
package import Settings

/// One region as a running process: store, writer, listeners and clockwork.
package final class Region: Sendable {
    /// How long requests in flight are waited for at the end.
    private static let drainMilliseconds: Int64 = 10_000

    package let apiPort: Int
    package let peerPort: Int
    private let api: HTTPListener
    private let peer: HTTPListener
    private let apiLoops: HTTPLoops
    private let peerLoops: HTTPLoops
    private let writer: RegionWriter
    private let heart: Heart
    private let sweeper: ExpirySweeper
    private let verify: VerifyEndpoint
    private let signal: CommitSignal
    private let waits: CausalWaits
    private let store: SQLiteStore
    private let log: Logger

    /// Opens the data directory, begins a new incarnation and listens.
    package static func start(
        _ settings: RegionSettings,
        log: Logger,
    ) throws(RegionStartError) -> Region {
        do {
            return try Region(settings, log: log)
        } catch let error as RegionStartError {
            throw error
        } catch {
            throw RegionStartError(key: "data", reason: "'\(settings.data)': \(error)")
        }
    }

    private init(_ settings: RegionSettings, log: Logger) throws {
        self.log = log
        let store = try SQLiteStore.open(directory: settings.data) { pairs in
            log.notice(
                "the store of an older version is brought to the present format",
                metadata: ["rows": "\(pairs)"]
            )
        }
        self.store = store
        let engine = try store.write { transaction in
            try RegionEngine(
                opening: transaction,
                region: settings.region,
                settings: EngineSettings(
                    driftMilliseconds: UInt64(settings.clockDriftMaxMilliseconds),
                    retentionMilliseconds: UInt64(settings.historyRetentionMilliseconds),
                    historyBytesMax: UInt64(settings.historyBytesMax),
                    streamShardMilliseconds: UInt64(settings.streamsShardMilliseconds),
                    relayAfterMilliseconds: UInt64(
                        max(
                            settings.relayAfterMilliseconds,
                            Region.heartbeatsMissedMin * settings.heartbeatIntervalMilliseconds,
                        )
                    ),
                    quarantineChangesMax: UInt64(settings.limits.quarantineChangesMax),
                    quarantineBytesMax: UInt64(settings.limits.quarantineBytesMax),
                    conflictsRetentionMilliseconds: UInt64(
                        settings.conflictsRetentionMilliseconds
                    ),
                    conflictsBytesMax: UInt64(settings.conflictsBytesMax),
                ),
                wallMilliseconds: WallClock.milliseconds(),
                randomBits: UInt64.random(in: .min ... .max),
            )
        }
        let published = PublishedCatalog(engine.catalog)
        signal = CommitSignal()
        waits = CausalWaits(
            waitMaxMilliseconds: settings.tokensWaitMaxMilliseconds,
            waitingMax: settings.tokensWaitingMax,
        )
        writer = RegionWriter(
            store: store,
            engine: engine,
            published: published,
            signal: signal,
            waits: waits,
            queueMax: settings.limits.writeQueueMax,
            log: log,
        )
        heart = Heart(
            writer: writer,
            signal: signal,
            intervalMilliseconds: settings.heartbeatIntervalMilliseconds,
        )
        sweeper = ExpirySweeper(
            writer: writer,
            intervalMilliseconds: settings.ttlSweepIntervalMilliseconds,
        )
        let feed = FeedEndpoint(
            catalog: published,
            reader: try store.makeReader(),
            signal: signal,
            writer: writer,
            feedBytesMax: settings.limits.feedBytesMax,
            log: log,
        )
        verify = VerifyEndpoint(catalog: published, reader: try store.makeReader(), log: log)
        apiLoops = HTTPLoops(threads: settings.httpThreads)
        peerLoops = HTTPLoops(threads: 1)
        let requests = RequestMetrics(loops: apiLoops.count)
        let silence = UInt64(
            Region.heartbeatsMissedMin * settings.heartbeatIntervalMilliseconds
        )
        let drills = DrillOrders(
            isAllowed: settings.allowsDrills,
            faults: DrillFaults(),
            data: settings.data,
            log: log,
        )
        let endpoint = PeerEndpoint(
            catalog: published,
            writer: writer,
            feed: feed,
            inspection: Inspection(
                catalog: published,
                store: store,
                drills: drills,
                silenceMilliseconds: silence,
                historyBytesMax: UInt64(settings.historyBytesMax),
                log: log,
            ),
            metrics: RegionMetrics(
                catalog: published,
                store: store,
                requests: requests,
                silenceMilliseconds: silence,
                log: log,
            ),
            orders: OperatorOrders(catalog: published, writer: writer),
            drills: drills,
            verify: verify,
        )
        let address = "\(settings.api.host):\(settings.api.port)"
        let pipeline = RequestPipeline(
            catalog: published,
            readers: try (0..<apiLoops.count).map { _ in try store.makeReader() },
            writer: writer,
            waits: waits,
            meter: settings.enforcesCapacity ? CapacityMeter(region: settings.region) : nil,
            region: settings.region,
            address: { address },
            bodyBytesMax: settings.limits.bodyBytesMax,
            log: log,
        )
        writer.start()
        waits.start()
        feed.start()
        verify.start()
        heart.start()
        sweeper.start()
        let connectionsMax = DescriptorLimit.connections(wanted: settings.limits.connectionsMax)
        if connectionsMax < settings.limits.connectionsMax {
            log.warning(
                "fewer connections than limits.connectionsMax: the process may open no more files",
                metadata: ["connections": "\(connectionsMax)"],
            )
        }
        api = try Region.listen(
            "api",
            on: settings.api,
            limits: HTTPLimits(
                bodyBytesMax: settings.limits.bodyBytesMax,
                connectionsMax: connectionsMax,
                pipelinedRequestsMax: settings.limits.pipelinedRequestsMax,
            ),
            loops: apiLoops,
            onReply: requests.count,
            handler: pipeline.handle,
        )
        peer = try Region.listen(
            "peer",
            on: settings.peer,
            limits: HTTPLimits(
                bodyBytesMax: Region.peerBodyBytesMax,
                connectionsMax: DescriptorLimit.peerConnectionsMax,
            ),
            loops: peerLoops,
            handler: endpoint.handle,
        )
        apiPort = api.port
        peerPort = peer.port
        log.notice(
            "region is up",
            metadata: [
                "region": "\(settings.region)",
                "origin": "\(engine.origin)",
                "api": "\(settings.api.host):\(api.port)",
                "peer": "\(settings.peer.host):\(peer.port)",
                "data": "\(settings.data)",
            ],
        )
    }

    private static func listen(
        _ key: String,
        on address: ListenAddress,
        limits: HTTPLimits,
        loops: HTTPLoops,
        onReply: (@Sendable (HTTPResponse, ReplyNote, Int) -> Void)? = nil,
        handler: @escaping @Sendable (HTTPRequest, ResponseWriter) -> Void,
    ) throws(RegionStartError) -> HTTPListener {
        do {
            return try HTTPListener.start(
                host: address.host,
                port: address.port,
                limits: limits,
                loops: loops,
                onReply: onReply,
                handler: handler,
            )
        } catch {
            throw RegionStartError(key: key, reason: error.description)
        }
    }

    /// So many heartbeats must be missing before a region counts as silent: idle ones are heard once
    /// a heartbeat.
    private static let heartbeatsMissedMin: Int64 = 3
    /// Most bytes of one batch or chunk that a peer may post.
    private static let peerBodyBytesMax = 320 << 20

    /// Answers what is in flight, commits what is queued, and ends.
    ///
    /// Blocks.
    package func stop() {
        signal.stop()
        waits.stop()
        verify.stop()
        api.drain(timeoutMilliseconds: Region.drainMilliseconds)
        peer.drain(timeoutMilliseconds: Region.drainMilliseconds)
        heart.stop()
        sweeper.stop()
        writer.stop()
        do {
            try store.close()
        } catch {
            // The next start replays the log.
            log.warning("the store was not brought up to date", metadata: ["error": "\(error)"])
        }
        apiLoops.shutDown()
        peerLoops.shutDown()
    }
}

/// Why a region did not start: the key of its configuration that cannot be had, and what is wrong.
package struct RegionStartError: Error, CustomStringConvertible {
    package let key: String
    package let reason: String

    package var description: String { "\(key): \(reason)" }
}
