import Engine
import Glibc

/// The head of a page log's file: which cycle it has, and from where on a start has to look at it.
///
/// Mark (8), cycle (8), salt (8), start (8), syncs before the start (8), whether nothing stands there (8), checksum of
/// all before (8); numbers are little-endian. All of it lies in one sector of the disk.
struct PageLogHead {
    /// The chunks begin behind so many.
    static let bytes = 4_096
    private static let encodedBytes = 56
    private typealias Words = InlineArray<7, UInt64>
    /// `MrdnPgs1`, as a big-endian number.
    private static let mark: UInt64 = 0x4D72_646E_5067_7331

    /// More cycles, or syncs of one, than there will ever be.
    private static let countMax: UInt64 = 1 << 48
    /// A file is never as long.
    private static let startMax = 1 << 48

    /// Counts from 1; 0 where there was none.
    let cycle: UInt64
    /// The cycle's chunks have checksums that begin with it, so none of another cycle's is one.
    let salt: UInt64
    /// All chunks before are in the store's file.
    var start = Self.bytes
    /// How often the cycle was synced before the chunk that stands there.
    var syncs: UInt64 = 0
    /// Whether there is none, since the store was closed in order.
    var isClosed = false

    init(cycle: UInt64 = 0) {
        self.cycle = cycle
        salt = UInt64.random(in: .min ... .max)
    }

    /// Nil where the file is empty, or was only made: what a crash leaves of the first head is nothing, or zeros.
    init?(of file: borrowing Descriptor) throws(StoreError) {
        let length = try file.length
        guard length > 0 else { return nil }
        guard length >= Self.encodedBytes else {
            throw .damaged(file.path, "its head is cut off")
        }
        var words = Words(repeating: 0)
        let checksum = try withUnsafeMutableBytes(of: &words) { bytes throws(StoreError) in
            try file.read(bytes, at: 0)
            return Self.checksum(UnsafeRawBufferPointer(bytes))
        }
        for index in words.indices { words[index] = words[index].littleEndian }
        // Before it is durable there is nothing behind it.
        if length == Self.encodedBytes, words.indices.allSatisfy({ words[$0] == 0 }) { return nil }
        guard words[0] == Self.mark, words[6] == checksum, words[1] < Self.countMax,
            words[4] < Self.countMax, words[3] < UInt64(Self.startMax), words[5] <= 1,
            let start = Int(exactly: words[3]),
            start >= Self.bytes, start % LogRecord.alignment == 0
        else { throw .damaged(file.path, "its head is not one") }
        (cycle, salt, self.start, syncs) = (words[1], words[2], start, words[4])
        isClosed = words[5] == 1
    }

    /// Writes it, and makes it durable.
    func write(to file: borrowing Descriptor) throws(StoreError) {
        var words: Words = [
            Self.mark, cycle, salt, UInt64(start), syncs, isClosed ? 1 : 0, 0,
        ]
        for index in words.indices { words[index] = words[index].littleEndian }
        try withUnsafeMutableBytes(of: &words) { bytes throws(StoreError) in
            let checksum = Self.checksum(UnsafeRawBufferPointer(bytes))
            bytes.storeBytes(
                of: checksum.littleEndian,
                toByteOffset: bytes.count - 8,
                as: UInt64.self
            )
            try file.write(UnsafeRawBufferPointer(bytes), at: 0)
        }
        try file.sync()
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 8)]), seed: 0)
    }
}

/// A page in a chunk: a head, then its lines.
///
/// The head: frame (4), page (4), pages of the store after the commit that it ends, or 0 (4), nothing (4), the mask of
/// its lines (16).
struct PageLogEntry {
    static let headBytes = 32

    /// Where it is in SQLite's WAL: a later one there stands for it.
    let frame: UInt32
    let page: UInt32
    let pagesAfterCommit: UInt32
    let difference: PageDifference

    var bytesCount: Int { Self.headBytes + difference.bytesCount }
}

extension PageLogEntry {
    /// The entry in the first bytes; nil where they are none.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headBytes else { return nil }
        func number(_ offset: Int) -> UInt32 {
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
        }
        let mask = bytes.loadUnaligned(fromByteOffset: 16, as: UInt128.self).littleEndian
        self.init(
            frame: number(0),
            page: number(4),
            pagesAfterCommit: number(8),
            difference: PageDifference(mask: mask),
        )
        guard page > 0, bytesCount <= bytes.count else { return nil }
    }

    func write(_ pageBytes: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawBufferPointer) {
        bytes.storeBytes(of: frame.littleEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: page.littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: pagesAfterCommit.littleEndian, toByteOffset: 8, as: UInt32.self)
        bytes.storeBytes(of: 0, toByteOffset: 12, as: UInt32.self)
        bytes.storeBytes(of: difference.mask.littleEndian, toByteOffset: 16, as: UInt128.self)
        let lines = UnsafeMutableRawBufferPointer(rebasing: bytes[Self.headBytes...])
        difference.take(from: pageBytes, to: lines)
    }
}
