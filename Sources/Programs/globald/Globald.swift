import ArgumentParser
import GlobalService
import Glibc
import Logging
import Settings

/// The replication daemon's command line.
@main
struct Globald: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "globald",
        abstract: "Carries changes from region to region.",
        discussion: """
            Runs one link for each ordered pair of regions in the settings. Keeps nothing: it may be \
            started before, after or between the regions, killed at any time, and run twice.

            Examples:
              globald --config regions/global.yaml
              globald --config regions/global.yaml --check
              globald --config regions/global.yaml --from us-east-1 --control 127.0.0.1:9101
            """,
        version: ProductVersion.text,
    )

    @Option(help: "The settings: regions, links and where to listen.")
    var config: String

    @Flag(help: "Check the settings and exit.")
    var check = false

    @Option(help: "Run only links out of this region. May be repeated.")
    var from: [String] = []

    @Option(help: "Listen here for globalctl instead of where the settings say.")
    var control: ControlAddress?

    @Option(help: "The least important messages to log, instead of what the settings say.")
    var logLevel: LogLevelArgument?

    func run() throws {
        let settings = try loadSettings()
        let links = settings.links.filter { from.isEmpty || from.contains($0.from) }
        if check {
            return print("\(config): \(settings.regions.count) regions, \(links.count) links")
        }

        let signals = TerminationSignals()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: "globald")
        let level = logLevel?.level ?? settings.logLevel
        log.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info

        let daemon: GlobalDaemon
        do {
            daemon = try GlobalDaemon(
                settings: settings,
                links: links,
                control: control?.address ?? settings.control,
                log: log,
            )
        } catch {
            throw Refusal("\(config): control: \(error)")
        }
        log.info(
            "globald runs",
            metadata: ["control": "\(daemon.control)", "links": "\(links.count)"],
        )
        daemon.start()
        let signal = signals.wait()
        log.info("globald ends", metadata: ["signal": "\(signal)"])
        daemon.stop()
    }

    private func loadSettings() throws -> GlobalSettings {
        let settings = try GlobalSettings.load(path: config)
        for region in from where settings.region(region) == nil {
            throw Refusal("--from: '\(region)' is not among the regions of \(config)")
        }
        if let address = control?.address, !address.isLoopback, !settings.insecure {
            let reason = "can be reached from other machines, which needs insecure: true"
            throw Refusal("--control: \(address) \(reason) in \(config)")
        }
        return settings
    }
}

/// Why the daemon does not start.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// `HOST:PORT` on the command line.
struct ControlAddress: ExpressibleByArgument {
    let address: ListenAddress

    init?(argument: String) {
        guard let address = ListenAddress(argument) else { return nil }
        self.address = address
    }
}

/// A level on the command line.
struct LogLevelArgument: ExpressibleByArgument {
    let level: LogLevel

    init?(argument: String) {
        guard let level = LogLevel(rawValue: argument) else { return nil }
        self.level = level
    }

    static var allValueStrings: [String] { LogLevel.allCases.map(\.rawValue) }
}
