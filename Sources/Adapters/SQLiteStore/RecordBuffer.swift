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
    /// From here on memory comes from the pool, if there is one, in its slabs.
    private static let slabBytesMin = 1 << 20

    private struct Memory {
        var bytes: UnsafeMutableRawBufferPointer
        var isSlab = false
    }

    private let pool: SlabPool?
    private var memory = RecordBuffer.least
    private var outgrown: [Memory] = []
    private var count = LogRecord.headBytes
    /// Whether the memory is an arena's now; the next record needs another.
    private var isHandedOver = false
    /// What the last record that was handed over took: the next is probably as large.
    private var slabBytesNext = 0

    init(_ pool: SlabPool? = nil) {
        self.pool = pool
    }

    deinit {
        free(outgrown)
        if !isHandedOver { free([memory]) }
    }

    var isEmpty: Bool { count == LogRecord.headBytes }

    /// The operations so far; the address holds until the next one.
    var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory.bytes[LogRecord.headBytes..<count])
    }

    /// Begins an empty record.
    func clear() {
        free(outgrown)
        outgrown = []
        count = LogRecord.headBytes
        if isHandedOver {
            isHandedOver = false
            memory = Self.least
        } else if memory.bytes.count > Self.bytesKept {
            shrink()
        }
    }

    /// Gives memory back, between two records.
    func drain() {
        slabBytesNext = 0
        if isEmpty, memory.bytes.count > Self.bytesMin { shrink() }
    }

    private func shrink() {
        free([memory])
        memory = Self.least
    }

    /// Makes the record's memory an arena's, if it is a slab that the record fills at least by half.
    ///
    /// The record stays what it is until `clear`.
    /// - Returns: how much memory the arena has taken; nil if it has not.
    func handOver(to arena: Arena) -> Int? {
        guard memory.isSlab, !isHandedOver, count * 2 >= memory.bytes.count else { return nil }
        arena.adopt(memory.bytes)
        isHandedOver = true
        slabBytesNext = memory.bytes.count
        return memory.bytes.count
    }

    /// Adds an operation.
    /// - Returns: where in the body its first part begins; the second follows it.
    func add(
        _ kind: LogRecord.Kind,
        _ ordinal: Int,
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
    ) throws(StoreError) -> Int {
        let bytes = LogRecord.operationHeadBytes + first.count + second.count
        guard count + bytes <= LogRecord.bodyBytesMax else {
            throw StoreError(
                attempt: "write a record",
                code: Int(SQLITE_TOOBIG),
                message: "the transaction is too large"
            )
        }
        if count + bytes + LogRecord.alignment > memory.bytes.count { try grow(by: bytes) }
        guard let base = memory.bytes.baseAddress else { return 0 }
        let place = base + count
        place.storeBytes(of: kind.rawValue, as: UInt8.self)
        place.storeBytes(of: UInt8(truncatingIfNeeded: ordinal), toByteOffset: 1, as: UInt8.self)
        place.storeBytes(of: UInt32(first.count).littleEndian, toByteOffset: 2, as: UInt32.self)
        place.storeBytes(of: UInt32(second.count).littleEndian, toByteOffset: 6, as: UInt32.self)
        let parts = place + LogRecord.operationHeadBytes
        if let source = first.baseAddress { memcpy(parts, source, first.count) }
        if let source = second.baseAddress { memcpy(parts + first.count, source, second.count) }
        let offset = count - LogRecord.headBytes + LogRecord.operationHeadBytes
        count += bytes
        return offset
    }

    /// Writes the head, and the padding to the next record's place.
    func sealed(number: UInt64, salt: UInt64) -> UnsafeRawBufferPointer {
        LogRecord.write(
            head: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<LogRecord.headBytes]),
            number: number,
            body: body,
            salt: salt,
        )
        let end = LogRecord.padded(count)
        for index in count..<end { memory.bytes[index] = 0 }
        return UnsafeRawBufferPointer(rebasing: memory.bytes[..<end])
    }

    private func grow(by bytes: Int) throws(StoreError) {
        let needed = max(memory.bytes.count * 2, count + bytes + LogRecord.alignment)
        let larger: Memory
        if let pool, max(needed, slabBytesNext) >= Self.slabBytesMin {
            let slab = try pool.take(atLeast: max(needed, slabBytesNext))
            larger = Memory(bytes: slab, isSlab: true)
        } else {
            larger = Self.allocated(needed)
        }
        if let source = memory.bytes.baseAddress {
            larger.bytes.baseAddress?.copyMemory(from: source, byteCount: count)
        }
        outgrown.append(memory)
        memory = larger
    }

    private static var least: Memory { allocated(bytesMin) }

    private static func allocated(_ count: Int) -> Memory {
        Memory(bytes: .allocate(byteCount: count, alignment: LogRecord.alignment))
    }

    private func free(_ pieces: [Memory]) {
        for piece in pieces {
            if piece.isSlab {
                pool?.giveBack([piece.bytes])
            } else {
                piece.bytes.deallocate()
            }
        }
    }
}
