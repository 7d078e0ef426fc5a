import CSQLite
import Engine
import Glibc

/// The region's log: every commit is one record at its end, and durable once that is synced.
///
/// Problem: a commit changes a few hundred bytes each in pages all over a B-tree. Written as pages,
/// a change costs two page writes; written as it is, it costs its own bytes.
///
/// Idea: commits go to a file in order, and SQLite is brought up to them by the ten megabytes, in key
/// order (`Flusher`). Until then they are in memory (`Overlay`), from where reads take them first.
///
/// Invariant: at any instant, SQLite's file and the logs after the number that stands in it make up
/// exactly the commits that were acknowledged, in order, and perhaps one more that was being
/// written; what of a log's contents is in the file without its number is run again with the whole
/// log, to the same effect. So a log is retired only after SQLite has synced its contents, the last
/// of them in one transaction with its number; a log gets its name only after its head is durable,
/// and before its first record; and records are numbered through all logs, so that a lost one is
/// noticed; a file that is made ahead (`NextLog`) stays empty until the one before is at its end.
///
/// What breaks if a rule is dropped: a log retired early loses acknowledged writes in a crash; a
/// number that is not in the same transaction lets old operations run again over newer ones; a
/// torn record that is not told from a damaged one either refuses an honest crash or drops commits
/// in silence.
final class CommitLog {
    /// A file is cut to this when it is used again.
    private let bytesKept: Int
    /// So much of a record goes ahead of it at a time; smaller records go as a whole.
    private static let aheadBytesMin = 512 << 10
    private let directory: LogDirectory
    private let next: NextLog
    private(set) var file: LogFile
    private var nextRecord: UInt64
    /// The file whose successor was asked for.
    private var preparedAfter: UInt64?
    /// How much more a file may take than what the one before it promises to.
    private static let fillMargin = 1.1
    /// How much of the body of the record that is being made is in the file already.
    private var ahead = 0
    /// Of what is ahead, beginning with the file's salt.
    private var checksum = Checksum.Running(seed: 0)
    /// Whether the disk has refused some of it.
    private var isAheadRefused = false

    /// Begins the log after `replay`, which made of the files what they hold.
    init(
        directory: LogDirectory,
        replayed: LogReplay.Position,
        bytesKept: Int,
    ) throws(StoreError) {
        self.directory = directory
        self.bytesKept = bytesKept
        next = NextLog(directory: directory, bytesKept: bytesKept)
        nextRecord = replayed.nextRecord
        if let last = replayed.lastFile {
            file = last
            file.end = replayed.end
            // What was read may be in the kernel's memory only; it must not be shown and then lost.
            try file.sync()
        } else {
            file = try LogFile.create(
                number: replayed.number,
                firstRecord: replayed.nextRecord,
                in: directory,
                bytesKept: bytesKept,
            )
        }
    }

    /// How a commit failed.
    struct Failure: Error {
        let error: StoreError
        /// Whether the log is as if the commit had not been tried.
        let isUndone: Bool
    }

    /// Forgets what went ahead of a record that did not come.
    func begin() {
        ahead = 0
        checksum = Checksum.Running(seed: file.salt)
        isAheadRefused = false
    }

    /// Writes ahead what is there of a large record, and has the disk begin with it, so that there is
    /// little left to wait for when it is whole: a record of 15 MB took 20 to 35 ms to sync, a fifth of
    /// the time that its batch took.
    ///
    /// Without its head, which is written last, a record is none: a crash leaves what no start looks at.
    func writeAhead(_ commit: PendingCommit) {
        let body = commit.body
        guard body.count - ahead >= Self.aheadBytesMin, !isAheadRefused else { return }
        let rest = UnsafeRawBufferPointer(rebasing: body[ahead...])
        let place = file.end + LogRecord.headBytes + ahead
        do throws(StoreError) {
            try file.write(rest, at: place)
            file.beginSync(of: rest.count, at: place)
            ahead = body.count
            checksum.absorb(body)
        } catch {
            // A full disk, say: `append` tries it once more, and tells.
            isAheadRefused = true
        }
    }

    /// Writes a commit's record, which is durable once `file` is synced; the next one is only then written.
    /// - Returns: where in the file its operations are.
    func append(_ commit: PendingCommit) throws(Failure) -> Int {
        let sum = checksum.finish(commit.body)
        let record = commit.sealed(number: nextRecord, checksum: sum, salt: file.salt)
        let written = ahead == 0 ? 0 : LogRecord.headBytes + ahead
        ahead = 0
        do throws(StoreError) {
            let rest = UnsafeRawBufferPointer(rebasing: record[written...])
            try file.write(rest, at: file.end + written)
            if written > 0 {
                let head = UnsafeRawBufferPointer(rebasing: record[..<LogRecord.headBytes])
                try file.write(head, at: file.end)
            }
        } catch {
            throw Failure(error: error, isUndone: isFull(error) && erase(record.count))
        }
        let place = file.end + LogRecord.headBytes
        file.end += record.count
        nextRecord += 1
        return place
    }

    /// Whether the next file is there, or being made.
    var isNextWanted: Bool { file.number == preparedAfter }

    /// Has the next file made, while this one has so much of its bound, from 0 to 1.
    ///
    /// To be called while all records are durable: the file says that all before `nextRecord` are there.
    func prepareNext(fill: Double) {
        preparedAfter = file.number
        let projected = Double(file.end) / max(fill, 0.1) * Self.fillMargin
        next.want(
            NextLog.Wish(
                number: file.number + 1,
                firstRecord: nextRecord,
                bytes: min(bytesKept, Int(projected)),
            )
        )
    }

    /// Goes on in a new file.
    func rotate() throws(StoreError) {
        if let made = try next.take() {
            file = made
            return
        }
        file = try LogFile.create(
            number: file.number + 1,
            firstRecord: nextRecord,
            in: directory,
            bytesKept: bytesKept,
        )
    }

    /// Lets nothing be made any more.
    func stop() {
        next.stop()
    }

    private func isFull(_ error: StoreError) -> Bool { error.code == Int(SQLITE_FULL) }

    /// Takes a half-written record back: its head at least, without which it is none.
    private func erase(_ count: Int) -> Bool {
        ftruncate(file.descriptor, off_t(file.end)) == 0
    }
}
