import Foundation
import Testing

/// What may not stand in a source, wherever it would compile.
struct SourceTests {
    /// A word, as a pattern, and why it is not wanted.
    struct Ban: Sendable, CustomTestStringConvertible {
        let pattern: String
        let reason: String

        init(_ pattern: String, _ reason: String) {
            self.pattern = pattern
            self.reason = reason
        }

        var testDescription: String { pattern }
    }

    /// The core is pure: the same events in the same order give the same bytes.
    static let bannedInCore = [
        Ban(#"\bimport (Foundation|FoundationEssentials)\b"#, "the core has no Foundation"),
        Ban(#"\bimport (Dispatch|Glibc|Musl|Darwin|Synchronization)\b"#, "no machine below it"),
        Ban(#"\bDate\("#, "time is an argument"),
        Ban(#"(^|[^\w)\]])\.now\b|\b[A-Z]\w*\.now\b"#, "time is an argument"),
        Ban(#"\bclock_gettime\b|\bContinuousClock\b|\bSuspendingClock\b"#, "time is an argument"),
        Ban(#"\.random\(|\brandomElement\b|\.shuffled?\("#, "random bits are arguments"),
        Ban(#"SystemRandomNumberGenerator"#, "random bits are arguments"),
        Ban(#"\bUUID\("#, "identifiers are arguments"),
        Ban(#"\bTask\b\s*(\.|\{|\()"#, "the core starts nothing"),
        Ban(#"\bDispatchQueue\b|\bThread\b\s*[.({]"#, "the core starts nothing"),
        Ban(#"\bprint\(|\bdebugPrint\(|\bdump\("#, "the core says nothing"),
        Ban(#"\bProcessInfo\b|\bgetenv\("#, "the environment is an argument"),
    ]

    /// Programs talk to a terminal, so `print` is allowed there.
    static let bannedInSources = [
        Ban(#"\bdebugPrint\(|(?<!\.)\bdump\("#, "left from debugging"),
        Ban(#"\bfatalError\(\s*\)"#, "say what is wrong"),
        Ban(#"\btry!"#, "errors are handled"),
        Ban(#"^\s*(package\s+|private\s+|internal\s+)*public\s"#, "nothing is public here"),
        Ban(#"\b(FIXME|XXX|HACK)\b"#, "finish it"),
        Ban(#"\bTODO\b(?!.*#\d)"#, "a TODO names its issue"),
    ]

    @Test(arguments: bannedInCore)
    func `the core is pure`(ban: Ban) throws {
        try expectNone(ban, in: try Repository.here.files(in: "Sources/Core", ["swift"]))
    }

    @Test(arguments: bannedInSources)
    func `nothing is left from debugging`(ban: Ban) throws {
        try expectNone(ban, in: try Repository.here.files(in: "Sources", ["swift", "h"]))
    }

    @Test func `only programs print`() throws {
        let files = try Repository.here.files(in: "Sources", ["swift"])
            .filter { !$0.path.hasPrefix("Sources/Programs/") }
        try expectNone(Ban(#"(?<![.\w])print\("#, "a service logs"), in: files)
    }

    @Test func `no focused or switched off test stays behind`() throws {
        let files = try Repository.here.files(in: "Tests", ["swift"])
            .filter { !$0.path.hasPrefix("Tests/TidyTests/") }
        try expectNone(Ban(#"(?<![.\w])print\("#, "left from debugging"), in: files)
        try expectNone(Ban(#"\.disabled\((?!if:|")"#, "say why"), in: files)
    }

    /// Looks at code and not at comments, which may name what is banned.
    private func expectNone(_ ban: Ban, in files: [Repository.File]) throws {
        #expect(!files.isEmpty)
        let pattern = try NSRegularExpression(pattern: ban.pattern, options: .anchorsMatchLines)
        for file in files {
            let text = file.text as NSString
            let all = NSRange(location: 0, length: text.length)
            for match in pattern.matches(in: file.text, range: all) {
                let lines = text.lineRange(for: match.range)
                let before = text.substring(
                    with: NSRange(
                        location: lines.location,
                        length: match.range.location - lines.location,
                    )
                )
                let isComment =
                    before.contains(" // ") || before.drop { $0 == " " }.hasPrefix("//")
                if isComment { continue }
                let line = text.substring(with: lines)
                Issue.record("\(file.path): \(ban.reason): \(line)")
            }
        }
    }
}
