import CSQLite
import Engine
import Glibc

/// The memory in which the writer builds a record; used again for the next.
///
/// When it grows while somebody walks over its bytes, the old ones stay until the record is done.
final class RecordBuffer {
    private static let bytesMin = 64 << 10
    /// Larger memory is given back after the record that needed it.
    private static let bytesKept = 32 << 20

    // Nothing that is called while one of these is changed comes back here.
    @exclusivity(unchecked) private var memory = RecordBuffer.allocated(bytesMin)
    @exclusivity(unchecked) private var outgrown: [UnsafeMutableRawBufferPointer] = []
    @exclusivity(unchecked) private var count = LogRecord.headBytes

    deinit {
        for piece in outgrown + [memory] { piece.deallocate() }
    }

    var isEmpty: Bool { count == LogRecord.headBytes }

    /// The operations so far; the address holds until the next one.
    var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[LogRecord.headBytes..<count])
    }

    /// Begins an empty record.
    func clear() {
        for piece in outgrown { piece.deallocate() }
        outgrown = []
        count = LogRecord.headBytes
        if memory.count > Self.bytesKept { shrink() }
    }

    /// Gives memory back, between two records.
    func drain() {
        if isEmpty, memory.count > Self.bytesMin { shrink() }
    }

    private func shrink() {
        memory.deallocate()
        memory = Self.allocated(Self.bytesMin)
    }

    /// Adds an operation; its second part may be in two pieces, one after the other.
    /// - Returns: where in the body its first part begins; the second follows it.
    func add(
        _ kind: LogRecord.Kind,
        _ ordinal: Int,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
    ) throws(StoreError) -> Int {
        let secondBytes = second.count + tail.count
        let bytes = LogRecord.operationHeadBytes + first.count + secondBytes
        guard count + bytes <= LogRecord.bodyBytesMax else {
            throw StoreError(
                attempt: "write a record",
                code: Int(SQLITE_TOOBIG),
                message: "the transaction is too large"
            )
        }
        if count + bytes + LogRecord.alignment > memory.count { grow(by: bytes) }
        guard let base = memory.baseAddress else { return 0 }
        let place = base + count
        place.storeBytes(of: kind.rawValue, as: UInt8.self)
        place.storeBytes(of: UInt8(truncatingIfNeeded: ordinal), toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: UInt32(first.count).littleEndian, toByteOffset: 2, as: UInt32.self)
        place.storeBytes(of: UInt32(secondBytes).littleEndian, toByteOffset: 6, as: UInt32.self)
        let parts = place + LogRecord.operationHeadBytes
        if let source = first.baseAddress { memcpy(parts, source, first.count) }
        if let source = second.baseAddress { memcpy(parts + first.count, source, second.count) }
        if let source = tail.baseAddress {
            memcpy(parts + first.count + second.count, source, tail.count)
        }
        let offset = count - LogRecord.headBytes + LogRecord.operationHeadBytes
        count += bytes
        return offset
    }

    /// Writes the head, and the padding to the next record's place.
    func sealed(number: UInt64, checksum: UInt64, salt: UInt64) -> UnsafeRawBufferPointer {
        LogRecord.write(
            head: UnsafeMutableRawBufferPointer(rebasing: memory[..<LogRecord.headBytes]),
            number: number,
            body: body,
            checksum: checksum,
            salt: salt,
        )
        let end = LogRecord.padded(count)
        for index in count..<end { memory[index] = 0 }
        return UnsafeRawBufferPointer(rebasing: memory[..<end])
    }

    private func grow(by bytes: Int) {
        let needed = max(memory.count * 2, count + bytes + LogRecord.alignment)
        let larger = Self.allocated(needed)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        outgrown.append(memory)
        memory = larger
    }

    private static func allocated(_ count: Int) -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: count, alignment: LogRecord.alignment)
    }
}
