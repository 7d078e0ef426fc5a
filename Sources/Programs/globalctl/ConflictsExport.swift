import ArgumentParser
import Glibc
import JSON

extension ConflictsCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All conflicts as JSON lines.",
            discussion: """
                One object a line, as docs/CONFLICTS.md describes it. With --resume an export that \
                broke off goes on, and a finished one takes in what came since: name the same \
                regions and filters as before.

                Fails if a region does not answer; what was read is in the file, and --resume goes \
                on from there.

                Examples:
                  globalctl conflicts export > conflicts.jsonl
                  globalctl conflicts export --table orders --output orders.jsonl
                  globalctl conflicts export --table orders --output orders.jsonl --resume
                """,
        )

        @Option(help: "The settings of globald (default: $MERIDIAN_CONFIG or regions/global.yaml).")
        var config: String?

        @OptionGroup var filter: ConflictFilter

        @Option(help: "The file to write; without it, or for json, standard output.")
        var output: String?

        @Flag(help: "Go on behind what the file holds.")
        var resume = false

        func validate() throws {
            if output == "text" { throw ValidationError("an export is JSON lines, not text") }
            if resume, file == nil { throw ValidationError("--resume needs --output FILE") }
        }

        /// `--output json`, before the command as for any other, asks for what comes anyway.
        private var file: String? { output == "json" ? nil : output }

        func run() throws {
            var options = Options()
            options.config = config
            let regions = try options.regions()
            let names = try regions.names(only: filter.region)
            let question = try filter.members()
            let lines = try file.map { try LineFile($0, resumes: resume) }
            var seen = ConflictsSeen()
            try lines?.readLines { seen.note($0) }
            var count = 0
            var failures: [Failure] = []
            for name in names {
                do {
                    let pages = ConflictPages(regions, name, question)
                    try pages.read(behind: seen.ids(of: name)) { records in
                        count += records.count
                        let text = records.map { $0.with("region", .string(name)).compact + "\n" }
                        try LineFile.write(text.joined(), to: lines)
                        return true
                    }
                } catch let failure as Failure {
                    failures.append(failure)
                }
            }
            try lines?.close()
            let place = file.map { " to \($0)" } ?? ""
            let before = seen.count > 0 ? ", behind \(seen.count) that were there" : ""
            Terminal.note("exported \(count) conflicts\(place)\(before)")
            try Failure.check(failures, has: failures.count < names.count)
        }
    }
}

/// Of each region and table the last record that an export holds.
///
/// Ids of one table grow, so it holds all that are not behind it.
private struct ConflictsSeen {
    private var last: [String: [Substring: String]] = [:]
    private(set) var count = 0

    /// - Returns: whether the line is one of an export.
    mutating func note(_ line: [UInt8]) -> Bool {
        guard let json = try? JSONParser.parse(line), let id = json["id"]?.text,
            let region = json["region"]?.text
        else { return false }
        count += 1
        let table = id.prefix(ConflictID.tableDigits)
        let before = last[region]?[table] ?? ""
        if before < id { last[region, default: [:]][table] = id }
        return true
    }

    func ids(of region: String) -> [String] {
        (last[region] ?? [:]).values.sorted()
    }
}

/// A file of lines that grows; what a crash left of a last line goes before it does.
final class LineFile {
    private let path: String
    private let descriptor: Int32
    private static let readBytes = 1 << 20

    /// - Throws: if the file cannot be opened, or is there and is not to be gone on with.
    init(_ path: String, resumes: Bool) throws {
        self.path = path
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | (resumes ? 0 : O_EXCL)
        descriptor = open(path, flags, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw Failure("\(path) is there already: say --resume, or name another")
            }
            throw Failure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Calls `body` with each line, without its end; writing goes on behind them.
    ///
    /// - Throws: at a line that `body` does not know.
    func readLines(_ body: ([UInt8]) -> Bool) throws {
        var line: [UInt8] = []
        var whole: off_t = 0
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            if count == 0 { break }
            for byte in buffer[..<count] {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    continue
                }
                guard body(line) else { throw Failure("\(path) is not an export of conflicts") }
                whole += off_t(line.count + 1)
                line.removeAll(keepingCapacity: true)
            }
        }
        guard ftruncate(descriptor, whole) == 0, lseek(descriptor, whole, SEEK_SET) == whole else {
            throw failure()
        }
    }

    /// Writes to a file, or to standard output.
    static func write(_ text: String, to file: LineFile?) throws {
        let descriptor = file?.descriptor ?? STDOUT_FILENO
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let name = file?.path ?? "standard output"
                throw Failure("\(name): \(String(cString: strerror(errno)))")
            }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Returns once the lines are on the disk.
    func close() throws {
        guard fsync(descriptor) == 0, Glibc.close(descriptor) == 0 else { throw failure() }
    }

    private func failure() -> Failure {
        Failure("\(path): \(String(cString: strerror(errno)))")
    }
}
