import Engine
import Glibc

/// Where in the log the value of an entry is that was not copied from there; it follows the entry's key.
///
/// Problem: of what an overlay holds, nine tenths are values that nobody asks for before they go into
/// SQLite's file, and the log has them anyhow.
///
/// Idea: the key is in memory, with the place of the value, which is read when it is asked for: from the
/// kernel's memory, as it was written a moment ago. That takes a good half of a microsecond: 100 items that were just
/// written were queried 27,000 times a second from memory, 15,000 times from the log. So where SQLite's file is
/// small, only large values of the history and of streams are left there.
///
/// The entry's arena holds the log's file, whose blocks are used again only after it.
struct LoggedValue: BitwiseCopyable {
    /// Smaller values are not worth a call of the kernel's.
    static let bytesMin: Int32 = 256

    /// In the file.
    let offset: Int64
    let descriptor: Int64

    /// Whether values of a keyspace are left in the log, beside a file that is large or not.
    static func mayHold(_ keyspace: Keyspace, besideLarge isLarge: Bool) -> Bool {
        Keyspaces.isApart(keyspace) || isLarge && keyspace == .items
    }

    /// Reads it into memory that the caller lets go of.
    func read(_ count: Int) throws(StoreError) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        var done = 0
        while done < count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let place = off_t(offset) + off_t(done)
            let read = pread(Int32(descriptor), rest.baseAddress, rest.count, place)
            if read < 0, errno == EINTR { continue }
            guard read > 0 else {
                let code = read == 0 ? EIO : errno
                bytes.deallocate()
                throw .system("read a value in the log", code: code)
            }
            done += read
        }
        return bytes
    }
}

extension Entry {
    /// The same with its key in an arena, and a value large enough left where it is in the log.
    ///
    /// The arena holds the file.
    func logged(
        in log: LogFile,
        at place: Int,
        keyIn arena: Arena
    ) throws(StoreError) -> Entry? {
        guard valueCount >= LoggedValue.bytesMin else { return nil }
        let value = LoggedValue(
            offset: Int64(place + Int(keyCount)),
            descriptor: Int64(log.descriptor)
        )
        let kept = try arena.keep(keyBytes, value)
        return Entry(prefix: prefix, key: kept, keyWord | Self.loggedBit, valueCount)
    }

    /// What of it is in memory, in bytes.
    var residentBytes: Int {
        isLogged ? Int(keyCount) + MemoryLayout<LoggedValue>.size : byteCount
    }

    /// Calls `body` with the value of an entry that is no delete, which may have to be read.
    @inline(__always)
    func withValue<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard isLogged else { return try body(valueBytes) }
        let bytes = try readValue()
        defer { bytes.deallocate() }
        return try body(UnsafeRawBufferPointer(bytes))
    }

    /// The same, where nothing but a store may fail.
    func giveValue(
        _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard isLogged else { return try body(valueBytes) }
        let bytes = try readValue()
        defer { bytes.deallocate() }
        try body(UnsafeRawBufferPointer(bytes))
    }

    /// A copy of the value; nil for a delete.
    var value: [UInt8]? {
        get throws(StoreError) {
            if isDelete { return nil }
            guard isLogged else { return Array(valueBytes) }
            let bytes = try readValue()
            defer { bytes.deallocate() }
            return Array(bytes)
        }
    }

    private func readValue() throws(StoreError) -> UnsafeMutableRawBufferPointer {
        let place = (key + Int(keyCount)).loadUnaligned(as: LoggedValue.self)
        return try place.read(Int(valueCount))
    }
}
