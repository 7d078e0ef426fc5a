import ArgumentParser
import Settings
import Glibc

/// The operator's tool.
///
/// Exit codes: 0 what was asked is done or shown; 1 it failed; 2 the command line makes no sense.
/// A command may have more of its own.
@main
struct Globalctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "globalctl",
        abstract: "Shows and operates the regions of a Meridian.",
        discussion: """
            Examples:
              globalctl status --watch
              globalctl replica add orders eu-west-1
              globalctl item orders pk=alice,sk=n:5
              globalctl conflicts list orders
              globalctl quarantine list orders
              globalctl verify orders
              globalctl link pause us-east-1 eu-west-1
              globalctl drill isolate eu-west-1 --for 30s
              globalctl evacuate us-east-1
              globalctl return us-east-1
              globalctl --config regions/global.yaml tables --output json

            The settings are those of globald: --config, or $MERIDIAN_CONFIG, or \
            ./regions/global.yaml. --config and --output may stand before the command or \
            behind it.

            Exit codes: 0 done, 1 failed, 2 bad usage; verify has more.
            """,
        version: ProductVersion.text,
        subcommands: [
            StatusCommand.self, TablesCommand.self, ReplicaCommand.self, UnshippedCommand.self,
            ItemCommand.self, VerifyCommand.self,
            ConflictsCommand.self, QuarantineCommand.self, LinkCommand.self,
            EvacuateCommand.self, ReturnCommand.self, DrillCommand.self,
        ],
    )

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            let arguments = CommandLine.arguments.dropFirst()
            var command = try parseAsRoot(Options.movedBehindCommand(Array(arguments)))
            try command.run()
        } catch let failure as Failure {
            Terminal.note("globalctl: \(failure)")
            Glibc.exit(1)
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            let text = fullMessage(for: error)
            guard exitCode(for: error) != .success else {
                Terminal.show(text)
                Glibc.exit(0)
            }
            if !text.isEmpty { Terminal.note(text) }
            let isUsage = exitCode(for: error) == .validationFailure
            Glibc.exit(isUsage ? 2 : 1)
        }
    }
}

/// What was asked could not be done.
struct Failure: Error, CustomStringConvertible {
    let description: String
    /// Whether a request may have been carried out all the same: it was sent, and no answer or one
    /// of a server in trouble came.
    let mayHaveActed: Bool

    init(_ description: String, mayHaveActed: Bool = false) {
        self.description = description
        self.mayHaveActed = mayHaveActed
    }

    /// Whether a region said it because it takes no writes, and another may.
    var isOfFencedRegion: Bool {
        description.contains("ServiceUnavailable") || description.contains("FENCED")
    }
}
