import Engine
import Glibc

/// Files of one kind in the data directory: a prefix and ten digits each.
struct NumberedFiles: Sendable {
    let directory: String
    let prefix: String
    private static let digits = 10

    func path(_ number: UInt64) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, Self.digits - digits.count))
        return "\(directory)/\(prefix)\(zeros)\(digits)"
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
            guard name.hasPrefix(prefix), let number = UInt64(name.dropFirst(prefix.count))
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }
}
