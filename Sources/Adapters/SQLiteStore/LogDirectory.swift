import Engine
import Glibc

/// The log's files in the data directory: `log-` and ten digits each, and one to be used again.
struct LogDirectory: Sendable {
    let directory: String
    private static let prefix = "log-"
    private static let digits = 10

    /// A file whose blocks the next log takes over: writing over blocks makes no work for the file
    /// system's journal, so syncs take half as long as in a file that grows.
    var spare: String { directory + "/log-spare" }

    func path(_ number: UInt64) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, Self.digits - digits.count))
        return "\(directory)/\(Self.prefix)\(zeros)\(digits)"
    }

    /// The numbers of the files that are there, in order.
    func numbers() throws(StoreError) -> [UInt64] {
        guard let opened = opendir(directory) else { throw .system("open \(directory)") }
        defer { closedir(opened) }
        var numbers: [UInt64] = []
        while let entry = readdir(opened) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(Self.prefix),
                let number = UInt64(name.dropFirst(Self.prefix.count))
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }

    /// Takes a file away whose commits are all in the store's own file; it becomes the spare one.
    func retire(_ number: UInt64) throws(StoreError) {
        guard rename(path(number), spare) == 0 else { throw .system("rename \(path(number))") }
    }
}
