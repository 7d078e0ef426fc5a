import Foundation
import Testing

/// What readers are told: links that lead somewhere, and nothing about the machine it was written on.
struct DocumentTests {
    private static let texts: Set<String> = [
        "swift", "md", "h", "py", "sh", "yaml", "yml", "txt", "json",
    ]

    @Test func `every relative link of a document leads to a file`() throws {
        let repository = Repository.here
        var documents = try repository.rootFiles(["md"])
        for folder in ["docs", "Sources", "Tests", "examples", "regions", "scripts"] {
            documents += try repository.files(in: folder, ["md"])
        }
        for document in documents {
            for target in Self.links(in: document) {
                let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
                let path = folder.isEmpty ? target : "\(folder)/\(target)"
                #expect(repository.exists(path), "\(document.path) links to \(target)")
            }
        }
    }

    @Test func `no text names the machine it was written on`() throws {
        let repository = Repository.here
        var files = try repository.rootFiles(Self.texts)
        for folder in ["Sources", "Tests", "docs", "examples", "regions", "scripts"] {
            files += try repository.files(in: folder, Self.texts)
        }
        // Put together here, so that this file is no find of its own.
        let words = ["/wo" + "rk/", "sha" + "red/", "/ho" + "me/", "/ro" + "ot/"]
        for file in files {
            for line in file.lines {
                for word in words where line.text.contains(word) {
                    Issue.record("\(file.path):\(line.number) names \(word)")
                }
            }
        }
    }

    @Test func `no file is a placeholder beside real ones`() throws {
        let repository = Repository.here
        for top in ["Sources", "Tests"] {
            let files = try repository.files(in: top, ["swift"])
            for file in files where file.path.hasSuffix("/Placeholder.swift") {
                let folder = file.path.dropLast("Placeholder.swift".count)
                let others = files.filter { $0.path.hasPrefix(folder) && $0.path != file.path }
                #expect(others.isEmpty, "\(file.path) is not needed")
            }
        }
    }

    /// Targets of Markdown links that are paths: no scheme, no anchor in the same page, no code.
    private static func links(in document: Repository.File) -> [String] {
        var isCode = false
        var found: [String] = []
        for line in document.lines {
            if line.text.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            for match in line.text.matches(of: /\]\(([^)\s]+)\)/) {
                let target = match.1.prefix { $0 != "#" }
                let isPath = !target.contains("://") && !target.hasPrefix("mailto:")
                if !target.isEmpty, isPath { found.append(String(target)) }
            }
        }
        return found
    }
}
