import Foundation
import JSON
import Settings

/// Starts a region's process again, and waits for it.
struct RegionStart {
    let region: String
    let regions: Regions

    private static let waitMilliseconds: UInt64 = 120_000
    private static let pauseMicroseconds: UInt32 = 50_000
    /// Descriptors of this tool that a started region must not inherit: its connections.
    private static let own: Range<Int32> = 3..<1_024

    /// Runs the settings' command for it, if they have one.
    func run() throws {
        let drills = regions.settings.drills
        guard let command = drills.start else {
            return Terminal.note("  \(region) is to be started by whatever watches over it")
        }
        let script = "cd \"$2\" || exit 1; exec >&2; \(command) \"$1\""
        let status = try Self.shell([script, "drills.start", region, drills.directory])
        guard status == 0 else {
            throw Failure("drills.start ended with \(status): \(command) \(region)")
        }
    }

    /// Runs a script with its arguments, and waits for the shell alone: what it starts in the
    /// background stays.
    ///
    /// - Returns: its exit status, or 128 and the signal that ended it.
    private static func shell(_ arguments: [String]) throws -> Int32 {
        for descriptor in own { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var words = (["sh", "-c"] + arguments).map { strdup($0) }
        var settings = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") }
        words.append(nil)
        settings.append(nil)
        defer { for text in words + settings { free(text) } }
        var process = pid_t()
        let failed = posix_spawn(&process, "/bin/sh", nil, nil, words, settings)
        guard failed == 0 else {
            throw Failure("drills.start cannot be run: \(String(cString: strerror(failed)))")
        }
        var status: Int32 = 0
        let deadline = Clock.milliseconds() + waitMilliseconds
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            guard ended == 0 || errno == EINTR else {
                throw Failure("drills.start was lost: \(String(cString: strerror(errno)))")
            }
            guard Clock.milliseconds() < deadline else {
                throw Failure(
                    "drills.start has not returned after \(waitMilliseconds / 1_000) s: it must start "
                        + "the region in the background"
                )
            }
            usleep(pauseMicroseconds)
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    func waitUntilUp() throws {
        let deadline = Clock.milliseconds() + Self.waitMilliseconds
        while Clock.milliseconds() < deadline {
            if (try? regions.peer(region, "/status", nil)) != nil { return }
            usleep(Self.pauseMicroseconds)
        }
        throw Failure("\(region) did not come back within \(Self.waitMilliseconds / 1_000) s")
    }
}
