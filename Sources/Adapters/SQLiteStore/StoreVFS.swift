import CSQLite
import Engine
import Glibc
import Synchronization

/// A way to files for the connections of one store: the system's, but that the WAL is a page log.
///
/// It has to be there from a connection's first moment on, since what SQLite opens first may be what it looks for in
/// the WAL.
///
/// See https://www.sqlite.org/vfs.html.
///
/// `@unchecked Sendable`: it stands from the start on.
final class StoreVFS: @unchecked Sendable {
    private struct Context {
        let system: UnsafeMutablePointer<sqlite3_vfs>
        let methods: Unmanaged<PageLogMethods>
    }

    private static let made = Atomic<Int>(0)

    /// By which connections ask for it.
    let name: String
    private let methods: PageLogMethods
    private let nameBytes: UnsafeMutablePointer<CChar>
    private let context: UnsafeMutablePointer<Context>
    private let vfs: UnsafeMutablePointer<sqlite3_vfs>

    init(_ log: PageLog) throws(StoreError) {
        methods = PageLogMethods(log)
        name = "meridian-\(Self.made.add(1, ordering: .relaxed).newValue)"
        guard let system = sqlite3_vfs_find(nil), let nameBytes = strdup(name) else {
            throw Self.failure(SQLITE_ERROR)
        }
        self.nameBytes = nameBytes
        context = .allocate(capacity: 1)
        context.initialize(to: Context(system: system, methods: .passUnretained(methods)))
        vfs = .allocate(capacity: 1)
        vfs.initialize(to: Self.vfs(over: system.pointee))
        vfs.pointee.zName = UnsafePointer(nameBytes)
        vfs.pointee.pAppData = UnsafeMutableRawPointer(context)
        let code = sqlite3_vfs_register(vfs, 0)
        guard code == SQLITE_OK else { throw Self.failure(code) }
    }

    deinit {
        sqlite3_vfs_unregister(vfs)
        vfs.deallocate()
        context.deallocate()
        free(nameBytes)
    }

    private static func failure(_ code: Int32) -> StoreError {
        let message = String(cString: sqlite3_errstr(code))
        return StoreError(attempt: "register a VFS", code: Int(code), message: message)
    }

    private static func vfs(over system: sqlite3_vfs) -> sqlite3_vfs {
        var vfs = system
        // Of a later version there may be more than is copied here.
        vfs.iVersion = min(vfs.iVersion, 3)
        vfs.pNext = nil
        vfs.xOpen = { vfs, path, file, flags, flagsOut in
            guard let context = StoreVFS.context(of: vfs), let file else { return SQLITE_CANTOPEN }
            let open = context.system.pointee.xOpen.unsafelyUnwrapped
            let code = open(context.system, path, file, flags, flagsOut)
            if code == SQLITE_OK, flags & SQLITE_OPEN_WAL != 0 {
                context.methods._withUnsafeGuaranteedRef { $0.install(in: file) }
            }
            return code
        }
        vfs.xDelete = { vfs, path, isDurable in
            guard let context = StoreVFS.context(of: vfs) else { return SQLITE_IOERR }
            let delete = context.system.pointee.xDelete.unsafelyUnwrapped
            let code = delete(context.system, path, isDurable)
            guard code == SQLITE_OK, let path, StoreVFS.isWAL(path) else { return code }
            // SQLite does away with a WAL when all of it is in the store's file.
            return context.methods._withUnsafeGuaranteedRef { methods in
                do throws(StoreError) {
                    try methods.log.wasRemoved()
                    return SQLITE_OK
                } catch {
                    return Int32(truncatingIfNeeded: error.code)
                }
            }
        }
        return vfs
    }

    private static func isWAL(_ path: UnsafePointer<CChar>) -> Bool {
        let count = strlen(path)
        return count >= 4 && strcmp(path + count - 4, "-wal") == 0
    }

    private static func context(of vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> Context? {
        vfs?.pointee.pAppData?.assumingMemoryBound(to: Context.self).pointee
    }
}
