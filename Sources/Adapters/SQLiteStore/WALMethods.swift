import CSQLite
import Glibc

/// The methods that the WAL's file has at the one connection that writes to it: what follows one another goes
/// to the kernel in one call.
///
/// Problem: SQLite writes each page to its WAL by two calls, of 24 bytes and of 8,192. These were two of the
/// five calls that a page costs a flush, and none of them began where a page of the kernel's does.
///
/// Idea: bytes are collected until there are some hundred kilobytes, or until anything else is asked of the
/// file.
///
/// **Invariant.** Whoever reads the file through another connection finds all that the WAL's index tells of:
/// SQLite syncs the file before it tells of a commit, and a sync writes what was collected first. It does so with
/// `synchronous=FULL` (`Connection`), where it writes no more of a commit after the sync; it would repeat
/// pages up to the end of a sector, were overwriting one not safe (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`).
///
/// What could not be written is gone, so from then on nothing is written or synced any more.
///
/// To be used by one thread at a time.
final class WALMethods {
    /// Fourteen pages.
    ///
    /// SQLite writes at most 131,071 bytes at a time, and takes a disk that more are written to for full
    /// (`seekAndWriteFd` of its `os_unix.c`).
    private static let bytesMax = 120 << 10

    private struct Context {
        let own: UnsafePointer<sqlite3_io_methods>
        let collected: Unmanaged<Collected>
    }

    private typealias File = UnsafeMutablePointer<sqlite3_file>

    private let table: MethodTable<Context>
    /// As long as the table.
    private let collected = Collected(bytesMax: bytesMax)

    /// Whether what is written to the WAL may be collected.
    static func mayCollect(for handle: OpaquePointer) -> Bool {
        guard let file = MethodTable<Context>.file(SQLITE_FCNTL_FILE_POINTER, of: handle),
            let traits = file.pointee.pMethods?.pointee.xDeviceCharacteristics?(file)
        else { return false }
        return traits & SQLITE_IOCAP_POWERSAFE_OVERWRITE != 0
    }

    /// Nil where the connection has no WAL open; it is to outlive the connection.
    init?(for handle: OpaquePointer) {
        guard let file = MethodTable<Context>.file(SQLITE_FCNTL_JOURNAL_POINTER, of: handle),
            let own = file.pointee.pMethods
        else { return nil }
        let context = Context(own: own, collected: .passUnretained(collected))
        table = MethodTable(Self.methods(over: own.pointee), context, of: file)
    }

    private static func methods(over own: sqlite3_io_methods) -> sqlite3_io_methods {
        var methods = own
        methods.xWrite = { file, source, count, offset in
            guard let file, let source else { return SQLITE_IOERR }
            let bytes = UnsafeRawBufferPointer(start: source, count: Int(count))
            return WALMethods.write(file, bytes, at: offset)
        }
        methods.xRead = { file, target, count, offset in
            WALMethods.settled(file) { $0.xRead.unsafelyUnwrapped(file, target, count, offset) }
        }
        methods.xSync = { file, flags in
            WALMethods.settled(file) { $0.xSync.unsafelyUnwrapped(file, flags) }
        }
        methods.xTruncate = { file, size in
            WALMethods.settled(file) { $0.xTruncate.unsafelyUnwrapped(file, size) }
        }
        methods.xFileSize = { file, size in
            WALMethods.settled(file) { $0.xFileSize.unsafelyUnwrapped(file, size) }
        }
        methods.xClose = { file in
            guard let file else { return SQLITE_IOERR }
            // What was not synced was not committed.
            let context = MethodTable<Context>.context(of: file)
            context.collected._withUnsafeGuaranteedRef { _ = $0.take() }
            return context.own.pointee.xClose.unsafelyUnwrapped(file)
        }
        return methods
    }

    private static func write(
        _ file: File,
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int64,
    ) -> Int32 {
        let context = MethodTable<Context>.context(of: file)
        return context.collected._withUnsafeGuaranteedRef { collected in
            if collected.failure == SQLITE_OK, collected.add(bytes, at: offset) {
                return SQLITE_OK
            }
            let code = settle(file, context.own.pointee, collected)
            guard code == SQLITE_OK, !collected.add(bytes, at: offset) else { return code }
            let write = context.own.pointee.xWrite.unsafelyUnwrapped
            return write(file, bytes.baseAddress, Int32(bytes.count), offset)
        }
    }

    /// Does something with the file when all that was collected is in it.
    private static func settled(_ file: File?, _ body: (sqlite3_io_methods) -> Int32) -> Int32 {
        guard let file else { return SQLITE_IOERR }
        let context = MethodTable<Context>.context(of: file)
        let code = context.collected._withUnsafeGuaranteedRef {
            settle(file, context.own.pointee, $0)
        }
        return code == SQLITE_OK ? body(context.own.pointee) : code
    }

    private static func settle(
        _ file: File,
        _ own: sqlite3_io_methods,
        _ collected: Collected,
    ) -> Int32 {
        guard collected.failure == SQLITE_OK, let (bytes, offset) = collected.take() else {
            return collected.failure
        }
        let write = own.xWrite.unsafelyUnwrapped
        collected.failure = write(file, bytes.baseAddress, Int32(bytes.count), offset)
        return collected.failure
    }
}

/// Bytes that follow one another in a file, to be written to it.
private final class Collected {
    private let memory: UnsafeMutableRawBufferPointer
    private var count = 0
    private var offset: Int64 = 0
    /// The code of the first write that failed, whose bytes are lost.
    var failure = SQLITE_OK

    init(bytesMax: Int) {
        memory = .allocate(byteCount: bytesMax, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// - Returns: false where they do not follow, or there is no room.
    func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        if count == 0 { self.offset = offset }
        guard offset == self.offset + Int64(count), bytes.count <= memory.count - count
        else { return false }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
        return true
    }

    /// All of them and where they go, which are here no more; nil for none.
    func take() -> (bytes: UnsafeRawBufferPointer, offset: Int64)? {
        guard count > 0 else { return nil }
        defer { count = 0 }
        return (UnsafeRawBufferPointer(rebasing: memory[..<count]), offset)
    }
}
