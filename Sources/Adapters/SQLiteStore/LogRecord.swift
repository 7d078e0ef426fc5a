import CSQLite
import Engine
import Glibc

/// One commit on its way to the log: a head, then operations one after another.
///
/// head, 32 bytes: mark (4), bytes of the body (4), the record's number (8), checksum of the body
/// (8), checksum of the 24 bytes before it (8); numbers are little-endian. An operation: what to do
/// (1), the keyspace by its place in the log's list (1), bytes of the first (4) and of the second
/// part (4), both parts. Records begin at multiples of eight.
///
/// Both checksums begin with the log's salt, so what another log left in a file that is used again
/// is no record of this one.
enum LogRecord {
    static let headBytes = 32
    static let operationHeadBytes = 10
    static let mark: UInt32 = 0x6D74_6D43
    static let alignment = 8
    /// Most bytes of operations in one record, many times what a group may hold.
    static let bodyBytesMax = 1 << 30

    enum Kind: UInt8 {
        case put = 0
        case delete = 1
        /// From the first part to the second.
        case deleteRange = 2
        /// From the first part on.
        case deleteFrom = 3
    }

    struct Head {
        let bodyBytes: Int
        let number: UInt64
        let bodyChecksum: UInt64
    }

    static func padded(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }

    static func write(
        head bytes: UnsafeMutableRawBufferPointer,
        number: UInt64,
        body: UnsafeRawBufferPointer,
        checksum: UInt64,
        salt: UInt64,
    ) {
        bytes.storeBytes(of: mark.littleEndian, as: UInt32.self)
        bytes.storeBytes(
            of: UInt32(body.count).littleEndian,
            toByteOffset: 4,
            as: UInt32.self
        )
        bytes.storeBytes(of: number.littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 16, as: UInt64.self)
        let headSum = Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), seed: salt)
        bytes.storeBytes(of: headSum.littleEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// Whether a head may begin here.
    static func isMarked(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) == mark
    }

    /// The head in the first 32 bytes, if they are one.
    static func head(_ bytes: UnsafeRawBufferPointer, salt: UInt64) -> Head? {
        guard bytes.count >= headBytes, isMarked(bytes, at: 0),
            number64(bytes, 24)
                == Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<24]), seed: salt)
        else { return nil }
        let bodyBytes = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self).littleEndian
        guard bodyBytes <= bodyBytesMax else { return nil }
        return Head(
            bodyBytes: Int(bodyBytes),
            number: number64(bytes, 8),
            bodyChecksum: number64(bytes, 16),
        )
    }

    private static func number64(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }
}

/// One operation of a record.
struct LogOperation {
    let kind: LogRecord.Kind
    let keyspaceIndex: Int
    let first: UnsafeRawBufferPointer
    let second: UnsafeRawBufferPointer
}

/// Takes a record's body apart.
struct LogOperations {
    private var rest: UnsafeRawBufferPointer

    init(_ body: UnsafeRawBufferPointer) {
        rest = body
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// How much was not looked at yet.
    var bytesLeft: Int { rest.count }

    /// The next operation, or nil where these bytes are none.
    mutating func next() -> LogOperation? {
        guard rest.count >= LogRecord.operationHeadBytes,
            let kind = LogRecord.Kind(rawValue: rest[0])
        else { return nil }
        let first = Int(rest.loadUnaligned(fromByteOffset: 2, as: UInt32.self).littleEndian)
        let second = Int(rest.loadUnaligned(fromByteOffset: 6, as: UInt32.self).littleEndian)
        let start = LogRecord.operationHeadBytes
        guard rest.count - start >= first + second else { return nil }
        let operation = LogOperation(
            kind: kind,
            keyspaceIndex: Int(rest[1]),
            first: UnsafeRawBufferPointer(rebasing: rest[start..<start + first]),
            second: UnsafeRawBufferPointer(
                rebasing: rest[start + first..<start + first + second]
            ),
        )
        rest = UnsafeRawBufferPointer(rebasing: rest[(start + first + second)...])
        return operation
    }
}
