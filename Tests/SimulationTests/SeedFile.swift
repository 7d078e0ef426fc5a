import Foundation

/// `Tests/Seeds.txt`: the seeds that failed in the past, with what they found.
enum SeedFile {
    static let seeds: [UInt64] = {
        let file = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Seeds.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.flatMap { UInt64($0) }
        }
    }()
}
