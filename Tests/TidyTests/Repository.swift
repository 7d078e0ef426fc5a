import Foundation

/// The tree that these tests read: every file that belongs to the project.
struct Repository: Sendable {
    /// A text file and where it stands.
    struct File: Sendable {
        /// Relative to the root, with `/`.
        let path: String
        let text: String

        var lines: [(number: Int, text: Substring)] {
            text.split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
                .map { ($0.offset + 1, $0.element) }
        }
    }

    /// The checkout this file was compiled from.
    static let here = Repository(
        root: URL(filePath: #filePath)
            .deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
    )

    let root: URL

    /// The text files below `folder` with one of these extensions, sorted by path.
    ///
    /// Hidden files and folders, such as those of builds and of Git, do not belong to the tree.
    func files(in folder: String, _ extensions: Set<String>) throws -> [File] {
        let base = root.appending(path: folder)
        guard
            let walk = FileManager.default.enumerator(
                at: base,
                includingPropertiesForKeys: [.isRegularFileKey],
                options: [.skipsHiddenFiles],
            )
        else { return [] }
        var files: [File] = []
        for case let url as URL in walk where extensions.contains(url.pathExtension) {
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
                continue
            }
            files.append(
                File(path: path(of: url), text: try String(contentsOf: url, encoding: .utf8))
            )
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The files directly in the root with one of these extensions.
    func rootFiles(_ extensions: Set<String>) throws -> [File] {
        try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { !$0.hasPrefix(".") && extensions.contains(URL(filePath: $0).pathExtension) }
            .sorted()
            .map { name in
                File(
                    path: name,
                    text: try String(contentsOf: root.appending(path: name), encoding: .utf8),
                )
            }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The folders directly below `folder`, sorted.
    func folders(in folder: String) throws -> [String] {
        let base = root.appending(path: folder)
        guard exists(folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: base.path)
            .filter { name in
                var isFolder: ObjCBool = false
                let path = base.appending(path: name).path
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                    && isFolder.boolValue && !name.hasPrefix(".")
            }
            .sorted()
            .map { "\(folder)/\($0)" }
    }

    private func path(of url: URL) -> String {
        let prefix = root.standardizedFileURL.path
        let path = url.standardizedFileURL.path
        guard path.hasPrefix(prefix) else { return path }
        return String(path.dropFirst(prefix.count).drop { $0 == "/" })
    }
}
