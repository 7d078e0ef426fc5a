import CSQLite
import Engine
import Synchronization

/// The methods that the file of SQLite's WAL has at each connection of a store: all of it is a page log's.
///
/// The file itself is there, as SQLite looks for it, and stays empty.
///
/// See https://www.sqlite.org/c3ref/io_methods.html.
final class PageLogMethods: Sendable {
    private struct Context {
        let own: UnsafePointer<sqlite3_io_methods>
        let log: Unmanaged<PageLog>
    }

    private typealias Table = MethodTable<Context>

    /// As long as the tables.
    let log: PageLog
    /// By the methods that they stand in for; of these there is one kind on most systems.
    private let tables = Mutex<[UInt: Table]>([:])

    init(_ log: PageLog) {
        self.log = log
    }

    /// Gives them to a file that was just opened.
    func install(in file: UnsafeMutablePointer<sqlite3_file>) {
        guard let own = file.pointee.pMethods else { return }
        table(over: own).install(in: file)
    }

    private func table(over own: UnsafePointer<sqlite3_io_methods>) -> Table {
        let key = UInt(bitPattern: own)
        if let known = tables.withLock({ $0[key] }) { return known }
        let context = Context(own: own, log: .passUnretained(log))
        let table = Table(Self.methods(over: own.pointee), context)
        return tables.withLock { tables in
            // Another connection may have been as fast; its file has the table that is there.
            if let known = tables[key] { return known }
            tables[key] = table
            return table
        }
    }

    private static func methods(over own: sqlite3_io_methods) -> sqlite3_io_methods {
        var methods = own
        methods.xRead = { file, target, count, offset in
            let bytes = UnsafeMutableRawBufferPointer(start: target, count: Int(count))
            return PageLogMethods.run(file) { log throws(StoreError) in
                if let file, log.isWritingBack(over: file),
                    try log.readToWriteBack(bytes, at: Int(offset))
                {
                    return SQLITE_OK
                }
                let done = try log.read(bytes, at: Int(offset))
                guard done < bytes.count else { return SQLITE_OK }
                // SQLite asks for that.
                UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
                    .initializeMemory(as: UInt8.self, repeating: 0)
                return SQLITE_IOERR | 2 << 8  // SQLITE_IOERR_SHORT_READ
            }
        }
        methods.xWrite = { file, source, count, offset in
            let bytes = UnsafeRawBufferPointer(start: source, count: Int(count))
            return PageLogMethods.run(file) { log throws(StoreError) in
                try log.write(bytes, at: Int(offset))
                return SQLITE_OK
            }
        }
        methods.xSync = { file, _ in
            PageLogMethods.run(file) { log throws(StoreError) in
                try log.sync()
                return SQLITE_OK
            }
        }
        methods.xFileSize = { file, size in
            PageLogMethods.run(file) { log throws(StoreError) in
                size?.pointee = sqlite3_int64(log.walBytes)
                return SQLITE_OK
            }
        }
        methods.xTruncate = { file, size in
            PageLogMethods.run(file) { log throws(StoreError) in
                // To keep less of it than there is, SQLite asks only where none of it is needed.
                if size == 0 { try log.wasRemoved() }
                return SQLITE_OK
            }
        }
        return methods
    }

    /// Does something with a file's log.
    private static func run(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ body: (PageLog) throws(StoreError) -> Int32,
    ) -> Int32 {
        guard let file else { return SQLITE_IOERR }
        return Table.context(of: file).log._withUnsafeGuaranteedRef { log in
            do throws(StoreError) {
                return try body(log)
            } catch {
                return Int32(truncatingIfNeeded: error.code)
            }
        }
    }
}
