import Engine
import Glibc

/// The file in which the log is to go on, made on a thread of its own before it is needed.
///
/// Problem: a new file has to have its head, its name and its blocks entered into the file system's
/// journal. While it has few blocks, so has every sync of a commit; and what the journal writes waits
/// for whatever others have on its way to the disk. That took a commit 30 to 350 ms now and then.
///
/// Idea: the file is made while the one before is in use, and filled with zeros as far as the one before
/// promises to grow, by small pieces. A commit then writes over blocks that are there: 0.3 to 0.5 ms.
///
/// Invariant: a file that was made and not used is empty, and the last: a start tells it from a used one
/// by that, and lets go of it (`LogReplay`).
///
/// `@unchecked Sendable`: everything is touched under `monitor`, or stands from the start on.
final class NextLog: @unchecked Sendable {
    /// What the file is to be.
    struct Wish {
        let number: UInt64
        /// The least number that its first record may have.
        let firstRecord: UInt64
        /// How much it is to have room for.
        let bytes: Int
    }

    private enum Stage {
        case idle
        case begun
        case made(LogFile)
    }

    /// So much is filled at a time, and then synced.
    private static let pieceBytes = 1 << 20
    /// Between two pieces, so that the disk has time for the log's own syncs.
    private static let restMilliseconds = 2

    /// The disk must have room for so many of it.
    private static let freeShare = 2

    private let directory: LogDirectory
    /// A file is cut to this when it is used again.
    private let bytesKept: Int
    private let monitor = Monitor()
    private var stage = Stage.idle
    /// Whether the writer waits for it, or the store is closed.
    private var isUrgent = false

    init(directory: LogDirectory, bytesKept: Int) {
        self.directory = directory
        self.bytesKept = bytesKept
    }

    /// Has a file made; to be called by the writer, once for each.
    func want(_ wish: Wish) {
        monitor.locked { stage = .begun }
        do throws(StoreError) {
            pthread_detach(try StoreThread.start("the next log's maker") { self.make(wish) })
        } catch {
            // The writer makes the file when it needs it.
            monitor.locked { stage = .idle }
        }
    }

    /// The file that was wanted, after waiting for it if it is being made; nil where there is none.
    func take() throws(StoreError) -> LogFile? {
        monitor.lock()
        defer { monitor.unlock() }
        isUrgent = true
        defer { isUrgent = false }
        monitor.wakeAll()
        while true {
            switch stage {
            case .idle:
                return nil
            case .made(let file):
                stage = .idle
                return file
            case .begun:
                monitor.wait()
            }
        }
    }

    /// Waits for what is being made; what was made and not used stays for the next start.
    func stop() {
        monitor.lock()
        defer { monitor.unlock() }
        isUrgent = true
        monitor.wakeAll()
        while case .begun = stage { monitor.wait() }
    }

    private func make(_ wish: Wish) {
        // One of them may be used again for this.
        directory.left.takeAway()
        // Where it fails, a full disk say, the writer tries once more, and tells.
        let file = try? LogFile.create(
            number: wish.number,
            firstRecord: wish.firstRecord,
            in: directory,
            bytesKept: bytesKept,
        ) { file throws(StoreError) in
            try fill(file, wish.bytes)
        }
        monitor.locked {
            stage = file.map { .made($0) } ?? .idle
            monitor.wakeAll()
        }
    }

    /// Gives a file blocks up to so many bytes, unless somebody waits for it, or the disk is full.
    private func fill(_ file: LogFile, _ bytes: Int) throws(StoreError) {
        let zeros = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.pieceBytes,
            alignment: MemoryLayout<UInt64>.alignment,
        )
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        let length = try file.length
        // The last of the disk is for those who have something to store.
        guard try directory.freeBytes >= Self.freeShare * bytes else { return }
        var offset = length
        while offset < bytes, !rests() {
            do throws(StoreError) {
                let piece = zeros[..<min(zeros.count, bytes - offset)]
                try file.write(UnsafeRawBufferPointer(rebasing: piece), at: offset)
                try file.sync()
            } catch {
                // A full disk: whoever else needs the space is to have it. After a failed sync, the one
                // that follows tells.
                try file.cut(to: length)
                return
            }
            offset += Self.pieceBytes
        }
    }

    /// - Returns: whether it is urgent.
    private func rests() -> Bool {
        monitor.locked {
            if !isUrgent { monitor.wait(milliseconds: Self.restMilliseconds) }
            return isUrgent
        }
    }
}
