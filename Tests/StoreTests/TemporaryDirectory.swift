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
        // The stores in it make plain files only, at most one directory deep.
        for directory in [path + "/region", path + "/deep/er", path + "/deep", path] {
            for name in ["LOCK", "store.sqlite", "store.sqlite-wal", "store.sqlite-shm"] {
                unlink(directory + "/" + name)
            }
            rmdir(directory)
        }
    }

    struct Failure: Error {}
}
