import HTTPClient
import HTTPServer
package import Logging
import Replication
package import Settings

/// All links of one process and its control listener.
package final class GlobalDaemon: Sendable {
    /// Where the control listener listens: the port asked for, or the one chosen for port 0.
    package let control: ListenAddress
    private let runners: [LinkRunner]
    private let client: HTTPMultiClient
    private let timers: Timers
    private let loops: HTTPLoops
    private let listener: HTTPListener

    /// How long requests to the control listener may take to end when the daemon does.
    private static let drainMilliseconds: Int64 = 1_000

    /// Opens the control listener; links run from `start` on.
    ///
    /// - Parameters:
    ///   - settings: the regions and the bounds of links.
    ///   - links: of those in the settings, the ones to run.
    ///   - control: where to listen.
    ///   - log: what links and listener log with.
    /// - Throws: if it cannot listen there, or libcurl does not start.
    package init(
        settings: GlobalSettings,
        links: [GlobalSettings.Link],
        control: ListenAddress,
        log: Logger,
    ) throws {
        let client = try HTTPMultiClient()
        let timers = Timers()
        let tuning = LinkSettings(settings.link)
        let runners = links.compactMap { link -> LinkRunner? in
            guard let from = settings.region(link.from), let to = settings.region(link.to) else {
                return nil
            }
            return LinkRunner(
                from: from,
                to: to,
                settings: tuning,
                client: client,
                timers: timers,
                log: log,
            )
        }
        self.client = client
        self.timers = timers
        self.runners = runners
        loops = HTTPLoops(threads: 1)
        let endpoint = ControlEndpoint(runners: runners, allowsDrills: settings.drills.isAllowed)
        do {
            listener = try HTTPListener.start(
                host: control.host,
                port: control.port,
                limits: HTTPLimits(
                    bodyBytesMax: Control.requestBytesMax,
                    connectionsMax: 256,
                ),
                loops: loops,
            ) { request, reply in
                reply.respond(endpoint.respond(to: request))
            }
        } catch {
            client.shutDown()
            loops.shutDown()
            throw error
        }
        self.control = ListenAddress(host: control.host, port: listener.port)
    }

    package func start() {
        for runner in runners { runner.start() }
    }

    /// Ends all links where they are, which is safe at any moment, and closes the listener.
    ///
    /// Blocks.
    package func stop() {
        for runner in runners { runner.stop() }
        timers.shutDown()
        client.shutDown()
        listener.drain(timeoutMilliseconds: Self.drainMilliseconds)
        loops.shutDown()
    }
}

extension LinkSettings {
    fileprivate init(_ tuning: GlobalSettings.LinkTuning) {
        self.init(
            batchBytesMax: tuning.batchBytesMax,
            inFlightMax: tuning.inFlightMax,
            pollMilliseconds: UInt64(clamping: tuning.pollTimeoutMilliseconds),
            backoffMinMilliseconds: UInt64(clamping: tuning.backoffMinMilliseconds),
            backoffMaxMilliseconds: UInt64(clamping: tuning.backoffMaxMilliseconds),
            stalledAfterMilliseconds: UInt64(clamping: tuning.stalledAfterMilliseconds),
        )
    }
}
