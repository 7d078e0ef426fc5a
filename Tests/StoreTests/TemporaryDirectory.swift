import Glibc

/// A directory that goes with its owner.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/store-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // The stores in it make plain files only, at most two directories deep.
        for directory in [
            path + "/region", path + "/copy", path + "/deep/er", path + "/deep", path,
        ] {
            for name in Self.files(in: directory) { unlink(directory + "/" + name) }
            rmdir(directory)
        }
    }

    /// The names of what is in a directory; none where there is no such directory.
    static func files(in directory: String) -> [String] {
        guard let opened = opendir(directory) else { return [] }
        defer { closedir(opened) }
        var names: [String] = []
        while let entry = readdir(opened) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    struct Failure: Error {}
}
