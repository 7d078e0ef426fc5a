import Engine

/// Reads a file of the log from its beginning to its end, by the megabyte.
///
/// Where the disk cannot read them, a start says so.
final class LogWindow {
    /// More at a time for a larger record only.
    private static let bytesMin = 4 << 20

    private let file: LogFile
    let length: Int
    private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// What of the file is in `buffer`.
    private var held = 0..<0

    init(_ file: LogFile) throws(StoreError) {
        self.file = file
        length = try file.length
    }

    deinit {
        buffer.deallocate()
    }

    /// Bytes at a place, until the next call; nil where the file has fewer.
    func bytes(at offset: Int, _ count: Int) throws(StoreError) -> UnsafeRawBufferPointer? {
        guard offset >= 0, count >= 0, count <= length - offset else { return nil }
        if offset < held.lowerBound || offset + count > held.upperBound {
            try move(to: offset, count)
        }
        let start = offset - held.lowerBound
        return UnsafeRawBufferPointer(rebasing: buffer[start..<start + count])
    }

    /// What stands from a place on, as much of it as is read at a time; nil where nothing does.
    func rest(from offset: Int) throws(StoreError) -> UnsafeRawBufferPointer? {
        guard offset < length else { return nil }
        return try bytes(at: offset, min(Self.bytesMin, length - offset))
    }

    private func move(to offset: Int, _ count: Int) throws(StoreError) {
        held = 0..<0
        let bytes = min(max(count, Self.bytesMin), length - offset)
        if buffer.count < bytes {
            buffer.deallocate()
            buffer = .allocate(byteCount: bytes, alignment: LogRecord.alignment)
        }
        try file.read(UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes]), at: offset)
        held = offset..<offset + bytes
    }
}
