import Engine
import Glibc

/// Exclusive ownership of a data directory: an `flock` on the file `LOCK` in it.
///
/// The kernel drops the lock with the last descriptor, so no crash leaves a directory locked.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the directory, which is made if it is missing.
    init(directory: String) throws(StoreError) {
        try Self.create(directory)
        let path = directory + "/LOCK"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw Self.failure("open \(path)") }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = Self.owner(opened)
            close(opened)
            guard code == EWOULDBLOCK else { throw Self.failure("lock \(path)", code: code) }
            throw StoreError(
                attempt: "lock \(path)",
                code: Int(code),
                message: "the directory is in use by another process\(owner)",
            )
        }
        descriptor = opened
        Self.writeOwner(opened)
    }

    deinit {
        close(descriptor)
    }

    /// Makes the directory's entries durable: files are synced by SQLite, their names by this.
    static func sync(_ directory: String) throws(StoreError) {
        let opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw failure("open \(directory)") }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw failure("fsync \(directory)") }
    }

    /// The same of the directory that a file lies in.
    static func syncParent(of path: String) throws(StoreError) {
        try sync(parent(of: path))
    }

    /// Makes the missing directories of a path, and their entries durable.
    private static func create(_ directory: String) throws(StoreError) {
        var status = stat()
        if stat(directory, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw failure("open \(directory)", code: ENOTDIR)
            }
            return
        }
        let parent = parent(of: directory)
        if parent != directory { try create(parent) }
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            throw failure("mkdir \(directory)")
        }
        try sync(parent)
    }

    private static func parent(of path: String) -> String {
        let trimmed = path.last == "/" ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Who holds the lock, as far as the file tells: for the reader of the error only.
    private static func owner(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return "" }
        let digits = bytes.prefix(count).prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return digits.isEmpty ? "" : " (process \(String(decoding: digits, as: UTF8.self)))"
    }

    private static func writeOwner(_ descriptor: Int32) {
        let text = Array("\(getpid())\n".utf8)
        // Only words for people: a store whose LOCK is empty is locked as well.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    private static func failure(_ attempt: String, code: Int32 = errno) -> StoreError {
        StoreError(attempt: attempt, code: Int(code), message: String(cString: strerror(code)))
    }
}
