import CSQLite

/// A table of methods that a file of SQLite's has in place of its own, and what stands behind them in memory.
///
/// It is to outlive the being open of each file that has it.
///
/// See https://www.sqlite.org/c3ref/io_methods.html.
///
/// `@unchecked Sendable`: it stands from the start on.
final class MethodTable<Context: BitwiseCopyable>: @unchecked Sendable {
    typealias File = UnsafeMutablePointer<sqlite3_file>

    private let table: UnsafeMutableRawPointer

    init(_ methods: sqlite3_io_methods, _ context: Context) {
        table = .allocate(
            byteCount: Self.contextOffset + MemoryLayout<Context>.stride,
            alignment: MemoryLayout<sqlite3_io_methods>.alignment
        )
        var methods = methods
        // Of a later version there may be more than is copied here.
        methods.iVersion = min(methods.iVersion, 3)
        table.initializeMemory(as: sqlite3_io_methods.self, to: methods)
        table.storeBytes(of: context, toByteOffset: Self.contextOffset, as: Context.self)
    }

    /// Gives it to a file, in place of what that had.
    func install(in file: File) {
        file.pointee.pMethods = UnsafePointer(
            table.assumingMemoryBound(to: sqlite3_io_methods.self)
        )
    }

    deinit {
        table.deallocate()
    }

    /// What stands behind the methods of a file that has such a table.
    static func context(of file: File) -> Context {
        // The table was found by way of it.
        UnsafeRawPointer(file.pointee.pMethods.unsafelyUnwrapped)
            .load(fromByteOffset: contextOffset, as: Context.self)
    }

    /// The file of a connection that such an operation tells.
    static func file(_ operation: Int32, of handle: OpaquePointer) -> File? {
        var found: File?
        let code = sqlite3_file_control(handle, "main", operation, &found)
        return code == SQLITE_OK ? found : nil
    }

    private static var contextOffset: Int { MemoryLayout<sqlite3_io_methods>.stride }
}
