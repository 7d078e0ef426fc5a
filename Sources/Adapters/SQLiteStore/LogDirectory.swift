import Engine
import Glibc

/// The log's files in the data directory, and one to be used again.
struct LogDirectory: Sendable {
    let directory: String
    /// Where files go that are not used any more.
    let left: LeftFiles
    private let files: NumberedFiles

    init(directory: String, left: LeftFiles = LeftFiles()) {
        self.directory = directory
        self.left = left
        files = NumberedFiles(directory: directory, prefix: "log-")
    }

    /// A file whose blocks the next log takes over: writing over blocks makes no work for the file
    /// system's journal, so syncs take half as long as in a file that grows.
    private var spare: String { directory + "/log-spare" }

    /// Puts the spare file, if there is one, to where the next log is made.
    ///
    /// Another may become the spare one meanwhile.
    /// - Returns: that path.
    func takeSpare() throws(StoreError) -> String {
        let made = directory + "/log-made"
        guard rename(spare, made) == 0 || errno == ENOENT else {
            throw .system("rename \(spare)")
        }
        return made
    }

    /// What the disk has left for us.
    var freeBytes: Int {
        get throws(StoreError) {
            var status = statvfs()
            guard statvfs(directory, &status) == 0 else { throw .system("look at \(directory)") }
            return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
        }
    }

    func path(_ number: UInt64) -> String { files.path(number) }

    /// The numbers of the files that are there, in order.
    func numbers() throws(StoreError) -> [UInt64] { try files.numbers() }

    /// Has a file retired soon; where that fails, the next start does it.
    func leave(_ number: UInt64) {
        let (path, spare) = (path(number), spare)
        left.leave { _ = rename(path, spare) }
    }

    /// Takes a file away whose commits are all in the store's own file; it becomes the spare one.
    func retire(_ number: UInt64) throws(StoreError) {
        guard rename(path(number), spare) == 0 else { throw .system("rename \(path(number))") }
    }
}
