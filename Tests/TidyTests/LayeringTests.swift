import Testing

/// Which module may import which: the layers of docs/ARCHITECTURE.md as data.
///
/// A change of this table is a change of the design.
struct LayeringTests {
    /// A target's folder, and what its sources may import.
    struct Rule: Sendable, CustomTestStringConvertible {
        let folder: String
        let imports: Set<String>

        init(_ folder: String, _ imports: Set<String>) {
            self.folder = folder
            self.imports = imports
        }

        var testDescription: String { folder }
    }

    /// What only touches the machine; nothing of it under `Core`.
    private static let platform: Set<String> = ["Foundation", "Glibc", "Synchronization"]
    private static let engine: Set<String> = [
        "JSON", "Items", "Causality", "Expressions", "Wire", "Changes",
    ]
    private static let core = engine.union(["Engine", "Replication"])

    static let rules = [
        Rule("Sources/Core/JSON", []),
        Rule("Sources/Core/Causality", []),
        Rule("Sources/Core/Metrics", []),
        Rule("Sources/Core/Items", ["JSON"]),
        Rule("Sources/Core/Expressions", ["Items"]),
        Rule("Sources/Core/Wire", ["JSON", "Items"]),
        Rule("Sources/Core/Changes", ["JSON", "Items", "Causality"]),
        Rule("Sources/Core/Engine", engine),
        Rule("Sources/Core/Replication", ["JSON", "Causality", "Changes"]),
        Rule("Sources/Adapters/CSQLite", []),
        Rule("Sources/Adapters/CCurl", []),
        Rule("Sources/Adapters/CZlib", []),
        Rule("Sources/Adapters/CChecksum", []),
        Rule("Sources/Adapters/CFuzzer", []),
        Rule("Sources/Adapters/SQLiteStore", platform.union(["Engine", "CSQLite"])),
        Rule(
            "Sources/Adapters/HTTPServer",
            platform.union(["NIOCore", "NIOPosix", "CChecksum", "CZlib"]),
        ),
        Rule("Sources/Adapters/HTTPClient", platform.union(["CCurl"])),
        Rule("Sources/Adapters/Settings", platform.union(["JSON", "Items", "Yams"])),
        Rule(
            "Sources/Services/RegionService",
            platform.union(core).subtracting(["Replication"])
                .union(["Metrics", "SQLiteStore", "HTTPServer", "Settings", "Logging"]),
        ),
        Rule(
            "Sources/Services/GlobalService",
            platform.union([
                "JSON", "Causality", "Metrics", "Changes", "Replication", "HTTPClient",
                "HTTPServer", "Settings", "Logging",
            ]),
        ),
        Rule("Sources/Simulation", core.union(["SQLiteStore"])),
        Rule(
            "Sources/HTTPComparison",
            ["NIOCore", "NIOEmbedded", "NIOHTTP1", "HTTPServer"],
        ),
        Rule("Sources/Model", []),
        Rule(
            "Sources/Programs/regiond",
            platform.union(["RegionService", "Settings", "Logging", "ArgumentParser"]),
        ),
        Rule(
            "Sources/Programs/globald",
            platform.union(["GlobalService", "Settings", "Logging", "ArgumentParser"]),
        ),
        Rule(
            "Sources/Programs/globalctl",
            platform.union([
                "JSON", "Causality", "Changes", "Replication", "HTTPClient", "Settings",
                "ArgumentParser",
            ]),
        ),
        Rule(
            "Sources/Programs/simulate",
            platform.union(["Simulation", "Model", "ArgumentParser"]),
        ),
        Rule(
            "Sources/Programs/fuzz",
            platform.union(engine).union(["Engine", "HTTPComparison", "CFuzzer"]),
        ),
        Rule("Sources/Programs/CEpoll", []),
        Rule("Sources/Programs/bench", platform.union(["JSON", "CEpoll", "ArgumentParser"])),
    ]

    @Test(arguments: rules)
    func `a target imports only what its layer may`(rule: Rule) throws {
        for file in try Repository.here.files(in: rule.folder, ["swift"]) {
            for (number, module) in Self.imports(of: file) where !rule.imports.contains(module) {
                Issue.record("\(file.path):\(number) imports \(module)")
            }
        }
    }

    @Test func `every target has a rule and every rule a target with files`() throws {
        let repository = Repository.here
        let layers = ["Core", "Adapters", "Services", "Programs"]
        let found =
            try layers.flatMap { try repository.folders(in: "Sources/\($0)") }
            + ["Sources/Simulation", "Sources/Model", "Sources/HTTPComparison"]
        #expect(found.sorted() == Self.rules.map(\.folder).sorted())
        let outside = try repository.folders(in: "Sources")
        #expect(
            outside
                == (layers + ["Simulation", "Model", "HTTPComparison"]).map { "Sources/\($0)" }
                .sorted()
        )
        for folder in found {
            let files = try repository.files(in: folder, ["swift", "h"])
            #expect(!files.isEmpty, "\(folder) is empty")
        }
    }

    @Test func `every target of tests has files`() throws {
        let repository = Repository.here
        let manifest = try #require(try repository.rootFiles(["swift"]).first)
        let targets = manifest.text.matches(of: /\btests\(\s*"(\w+)"/).map { String($0.1) }
        #expect(targets.count > 10)
        for target in targets {
            let files = try repository.files(in: "Tests/\(target)", ["swift"])
            #expect(!files.isEmpty, "Tests/\(target) is empty")
        }
        let folders = try repository.folders(in: "Tests").filter {
            try !repository.files(in: $0, ["swift"]).isEmpty
        }
        #expect(folders.sorted() == targets.map { "Tests/\($0)" }.sorted())
    }

    /// The modules a file imports, each with its line.
    private static func imports(of file: Repository.File) -> [(number: Int, module: String)] {
        file.lines.compactMap { line in
            let words = line.text.prefix { $0 != "/" }.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
                words[..<index].allSatisfy(isImportModifier)
            else { return nil }
            // `import struct Module.Type` names the module second.
            let kinds: Set<Substring> = [
                "struct", "class", "enum", "protocol", "func", "typealias",
            ]
            let named = kinds.contains(words[index + 1]) ? index + 2 : index + 1
            guard named < words.count else { return nil }
            return (line.number, String(words[named].prefix { $0 != "." }))
        }
    }

    private static func isImportModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@") || ["package", "internal", "private", "public"].contains(word)
    }
}
