import Foundation
import JSON
import Settings

/// Starts a region's process again, and waits for it.
struct RegionStart {
    let region: String
    let regions: Regions

    private static let waitMilliseconds: UInt64 = 120_000
    private static let pauseMicroseconds: UInt32 = 50_000

    /// Runs the settings' command for it, if they have one.
    func run() throws {
        let drills = regions.settings.drills
        guard let command = drills.start else {
            return Terminal.note("  \(region) is to be started by whatever watches over it")
        }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "\(command) \"$1\"", "drills.start", region]
        shell.currentDirectoryURL = URL(fileURLWithPath: drills.directory)
        shell.standardOutput = FileHandle.standardError
        do {
            try shell.run()
        } catch {
            throw Failure("drills.start cannot be run: \(error.localizedDescription)")
        }
        shell.waitUntilExit()
        guard shell.terminationStatus == 0 else {
            throw Failure(
                "drills.start ended with \(shell.terminationStatus): \(command) \(region)"
            )
        }
    }

    func waitUntilUp() throws {
        let deadline = DrillClock.milliseconds() + Self.waitMilliseconds
        while DrillClock.milliseconds() < deadline {
            if (try? regions.peer(region, "/status", nil)) != nil { return }
            usleep(Self.pauseMicroseconds)
        }
        throw Failure("\(region) did not come back within \(Self.waitMilliseconds / 1_000) s")
    }
}
