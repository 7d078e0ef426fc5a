import ArgumentParser
import Foundation
import Logging
import RegionService
import Settings

/// One region as one process.
@main
struct Regiond: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regiond",
        abstract: "Serves one region: the DynamoDB API, its items and its history of changes.",
        discussion: """
            EXAMPLES:
              regiond --config regions/us-east-1.yaml
              regiond --config regions/us-east-1.yaml --check
              regiond --config regions/us-east-1.yaml --log-level debug

            SIGTERM and SIGINT answer what is in flight and exit with 0. A second start on the \
            same data directory is refused while the first lives.

            EXIT STATUS:
              0   ended as asked, or the configuration is valid
              64  the command line is wrong
              69  a port or the data directory cannot be used
              74  the disk failed while running
              78  the configuration is wrong
            """,
        version: ProductVersion.text,
    )

    @Option(help: "The region's configuration file.")
    var config: String

    @Flag(help: "Check the configuration and exit.")
    var check = false

    @Option(help: "Overrides log.level: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String?

    func validate() throws {
        if let logLevel, Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError("'\(logLevel)' is no log level")
        }
    }

    func run() throws {
        let settings: RegionSettings
        do {
            settings = try RegionSettings.load(path: config)
        } catch {
            complain("\(error)")
            throw ExitCode(EX_CONFIG)
        }
        if check {
            print("\(config): valid")
            return
        }
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: "regiond")
        log.logLevel =
            Logger.Level(rawValue: logLevel ?? settings.logLevel.rawValue) ?? .info
        let signals = TerminationSignals()
        let region: Region
        do {
            region = try Region.start(settings, log: log)
        } catch {
            complain("\(config): \(error)")
            throw ExitCode(EX_UNAVAILABLE)
        }
        signals.wait()
        log.notice("stopping")
        region.stop()
        log.notice("stopped")
    }

    private func complain(_ message: String) {
        FileHandle.standardError.write(Data("regiond: \(message)\n".utf8))
    }
}

/// SIGTERM and SIGINT, taken by waiting for them.
struct TerminationSignals {
    private let set: sigset_t

    /// Blocks the signals in this thread and in all it starts: make it before any other thread.
    init() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        self.set = set
    }

    func wait() {
        var set = set
        var received: Int32 = 0
        sigwait(&set, &received)
    }
}
