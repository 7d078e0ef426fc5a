import CSQLite
import Engine
import Glibc
import Synchronization

/// One file of the log: a head, then records.
///
/// The head, a block of its own: mark (8), the file's number (8), salt (8), the least number that its
/// first record may have (8), how many keyspaces (1), for each the bytes of its name (1) and the name;
/// at the end of the block a checksum of all before it (8). A file gets its head before it gets its name.
///
/// Overlays take large values from it, so a file whose commits are all in SQLite's file is used again
/// only after the last of them has let go of it.
///
/// `@unchecked Sendable`: `end` is the writer's; the rest stands from the start on.
final class LogFile: @unchecked Sendable {
    static let headBytes = 4_096

    private let file: Descriptor
    private let directory: LogDirectory
    private let isRetired = Atomic<Bool>(false)
    let path: String
    let number: UInt64
    let salt: UInt64
    /// The first record that it may begin with: records are numbered through all files, without a
    /// gap, and a file may be made before the one in front of it is at its end.
    let firstRecord: UInt64
    /// Which keyspaces the operations' numbers mean.
    let keyspaces: [Keyspace]
    /// Where the next record goes.
    var end = LogFile.headBytes

    private init(
        _ file: consuming Descriptor,
        in directory: LogDirectory,
        head: Head,
        keyspaces: [Keyspace],
    ) {
        self.file = file
        self.directory = directory
        path = directory.path(head.number)
        number = head.number
        salt = head.salt
        firstRecord = head.firstRecord
        self.keyspaces = keyspaces
    }

    deinit {
        if isRetired.load(ordering: .acquiring) { directory.leave(number) }
    }

    var descriptor: Int32 { file.number }

    /// All its commits are in SQLite's file.
    func retire() {
        isRetired.store(true, ordering: .releasing)
    }

    /// Makes a file, of the blocks of an old one if there is one, and gives it its name.
    ///
    /// `fill` may give it more blocks before that.
    static func create(
        number: UInt64,
        firstRecord: UInt64,
        in directory: LogDirectory,
        bytesKept: Int,
        fill: (LogFile) throws(StoreError) -> Void = { _ throws(StoreError) in },
    ) throws(StoreError) -> LogFile {
        let path = directory.path(number)
        let made = try directory.takeSpare()
        let opened = try Descriptor(made, O_RDWR | O_CREAT, as: path)
        let head = Head(
            number: number,
            salt: UInt64.random(in: .min ... .max),
            firstRecord: firstRecord,
            names: Keyspace.allCases.map(\.rawValue),
        )
        let file = LogFile(
            opened,
            in: directory,
            head: head,
            keyspaces: Keyspace.allCases,
        )
        if try file.length > bytesKept { try file.cut(to: bytesKept) }
        try fill(file)
        let bytes = head.encoded()
        let failure: StoreError? = bytes.withUnsafeBytes { bytes in
            do throws(StoreError) {
                try file.write(bytes, at: 0)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        try file.sync()
        guard rename(made, path) == 0 else { throw .system("rename \(made)") }
        try DirectoryLock.sync(directory.directory)
        return file
    }

    /// Makes it shorter.
    func cut(to bytes: Int) throws(StoreError) {
        try file.cut(to: bytes)
    }

    /// Opens a file that is there.
    static func open(
        existing number: UInt64,
        in directory: LogDirectory
    ) throws(StoreError) -> LogFile {
        let path = directory.path(number)
        let opened = try Descriptor(path, O_RDWR)
        var bytes = [UInt8](repeating: 0, count: headBytes)
        let count = pread(opened.number, &bytes, bytes.count, 0)
        guard count == bytes.count, let head = bytes.withUnsafeBytes({ Head($0) }),
            head.number == number
        else { throw .damaged(path, "its head is not one") }
        let keyspaces = head.names.compactMap { Keyspace(rawValue: $0) }
        let file = LogFile(opened, in: directory, head: head, keyspaces: keyspaces)
        guard keyspaces.count == head.names.count else {
            throw .damaged(path, "it names keyspaces unknown here: start a newer program")
        }
        return file
    }

    /// Writes all of it, or throws.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        try file.write(bytes, at: offset)
    }

    /// Reads bytes that are there.
    func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) {
        try file.read(bytes, at: offset)
    }

    /// Makes what was written durable.
    func sync() throws(StoreError) {
        try file.sync()
    }

    /// Has the kernel begin to write bytes to the disk, without waiting for it.
    ///
    /// Nothing depends on it: what goes wrong is told by the sync.
    func beginSync(of count: Int, at offset: Int) {
        file.beginSync(of: count, at: offset)
    }

    var length: Int { get throws(StoreError) { try file.length } }

    /// The first block.
    fileprivate struct Head {
        /// `MrdnLog2`, as a big-endian number.
        static let mark: UInt64 = 0x4D72_646E_4C6F_6732
        /// `MrdnLog1`: files whose least number of a first record is the number it has.
        static let exactMark: UInt64 = 0x4D72_646E_4C6F_6731

        let number: UInt64
        let salt: UInt64
        let firstRecord: UInt64
        let names: [String]
    }
}

extension LogFile.Head {
    init?(_ bytes: UnsafeRawBufferPointer) {
        func number(_ offset: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        }
        let checked = UnsafeRawBufferPointer(rebasing: bytes[..<(LogFile.headBytes - 8)])
        guard [Self.mark, Self.exactMark].contains(number(0)),
            number(checked.count) == Checksum.of(checked, seed: 0)
        else { return nil }
        var names: [String] = []
        var offset = 33
        for _ in 0..<bytes[32] {
            let end = offset + 1 + Int(bytes[offset])
            guard end < checked.count else { return nil }
            names.append(String(decoding: bytes[(offset + 1)..<end], as: UTF8.self))
            offset = end
        }
        self.init(
            number: number(8),
            salt: number(16),
            firstRecord: number(24),
            names: names
        )
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: UInt64) {
            withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
        }
        for value in [Self.mark, number, salt, firstRecord] { append(value) }
        bytes.append(UInt8(names.count))
        for name in names {
            bytes.append(UInt8(name.utf8.count))
            bytes += name.utf8
        }
        precondition(bytes.count <= LogFile.headBytes - 8, "The names fit into a head.")
        bytes += Array(repeating: 0, count: LogFile.headBytes - 8 - bytes.count)
        append(bytes.withUnsafeBytes { Checksum.of($0, seed: 0) })
        return bytes
    }
}

extension StoreError {
    /// What the kernel says of the call that just failed; with the code that SQLite has for it, so
    /// that a full disk is one thing, whoever met it.
    static func system(_ attempt: String, code: Int32 = errno) -> StoreError {
        let isFull = code == ENOSPC || code == EDQUOT
        return StoreError(
            attempt: attempt,
            code: Int(isFull ? SQLITE_FULL : SQLITE_IOERR),
            message: String(cString: strerror(code)),
        )
    }

    static func damaged(_ path: String, _ what: String) -> StoreError {
        StoreError(attempt: "open \(path)", code: Int(SQLITE_CORRUPT), message: what)
    }
}
