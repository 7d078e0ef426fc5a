import CSQLite
import Engine
import Glibc

/// Puts pairs in the place of those with their keys, in a block where it lies; used by `BlockWriter`.
///
/// Problem: a flush of random keys changes one pair of a dozen. To lay out the block anew copies all of them,
/// and moves what is behind a pair that has become longer: more lines of the page are other ones (`PageDifference`).
///
/// Idea: a pair that finds room where the old one lies, up to the next, is written there, and one that does not goes behind
/// all others; what is changed is all that SQLite is given (https://www.sqlite.org/c3ref/blob_open.html). The next time
/// that the block is laid out anew it loses its gaps.
final class BlockEditor {
    /// Of more, the block is laid out anew.
    private static let pairsMax = 3
    /// Where a block was none for this, the next is not looked at, then three, seven and so on, up to so many.
    private static let passedMax = 15

    private let connection: Connection
    private let block: UnsafeMutableRawBufferPointer
    /// What of it is new.
    private var changed: [Range<Int>] = []
    /// SQLite's way to the bytes of one row after another; nil while there is none.
    private var handle: OpaquePointer?
    /// How many blocks were passed over after the last that was none for this, and how many are to be.
    private var (passed, passes) = (0, 0)

    init(_ connection: Connection) {
        self.connection = connection
        block = .allocate(byteCount: Block.bytesCount, alignment: 16)
    }

    deinit {
        block.deallocate()
    }

    /// Has to be called before a commit.
    func close() {
        // What it was asked to write was written.
        sqlite3_blob_close(handle)
        handle = nil
        (passed, passes) = (0, 0)
    }

    /// Puts the first of these pairs in the place of those with their keys, as far as these are in one block.
    ///
    /// - Returns: how many; 0 where the block is to be laid out anew for the first, or for as many that it is worth it.
    func replace(_ entries: ArraySlice<Entry>, _ rows: BlockRows) throws(StoreError) -> Int {
        guard passed == passes else {
            passed += 1
            return 0
        }
        let count = try replaceFirst(of: entries, rows)
        passed = 0
        passes = count > 0 ? 0 : min(2 * passes + 1, Self.passedMax)
        return count
    }

    private func replaceFirst(
        of entries: ArraySlice<Entry>,
        _ rows: BlockRows,
    ) throws(StoreError) -> Int {
        guard let first = entries.first, !first.isDelete else { return 0 }
        try move(to: rows.number(of: first.keyBytes), rows)
        guard sqlite3_blob_bytes(handle) == Block.bytesCount else { return 0 }
        try check(sqlite3_blob_read(handle, block.baseAddress, Int32(Block.bytesCount), 0))
        changed.removeAll(keepingCapacity: true)
        let copy = try Block(UnsafeRawBufferPointer(block), of: rows.keyspace)
        var count = 0
        for entry in entries {
            // What is behind its last pair may belong to the next block.
            if count > 0, try copy.entry(copy.count - 1).order(entry) < 0 { break }
            guard count < Self.pairsMax, !entry.isDelete, try replace(entry, in: copy) else {
                return 0
            }
            count += 1
        }
        for range in changed {
            let bytes = UnsafeRawBufferPointer(rebasing: block[range])
            let count = Int32(bytes.count)
            try check(
                sqlite3_blob_write(handle, bytes.baseAddress, count, Int32(range.lowerBound))
            )
        }
        return count
    }

    /// Puts a pair into the copy.
    private func replace(_ entry: Entry, in copy: Block) throws(StoreError) -> Bool {
        let ordinal = try copy.lowerBound(entry)
        guard ordinal < copy.count, try copy.entry(ordinal).order(entry) == 0 else { return false }
        let old = try copy.start(ordinal)
        // Where the next one begins, where the last one ends, and what all others take.
        var next = Block.bytesCount
        var end = Block.headBytes + copy.count * Block.placeBytes
        var taken = 0
        for other in 0..<copy.count where other != ordinal {
            let start = try copy.start(other)
            if start > old { next = min(next, start) }
            let bytes = Block.roomTaken(by: try copy.entry(other))
            end = max(end, start + bytes - Block.placeBytes)
            taken += bytes
        }
        // It may have become small enough to go together with another.
        guard taken + Block.roomTaken(by: entry) >= BlockWriter.roomLittle else { return false }
        let count = Block.pairHeadBytes + entry.byteCount
        let start = old + count <= next ? old : end
        guard start + count <= Block.bytesCount else { return false }
        try BlockSplit.write(entry, to: UnsafeMutableRawBufferPointer(rebasing: block[start...]))
        changed.append(start..<start + count)
        if start != old {
            let place = Block.headBytes + ordinal * Block.placeBytes
            block.storeBytes(of: UInt16(start).littleEndian, toByteOffset: place, as: UInt16.self)
            changed.append(place..<place + Block.placeBytes)
        }
        return true
    }

    private func move(to number: UInt64, _ rows: BlockRows) throws(StoreError) {
        let row = Int64(bitPattern: number)
        var code = SQLITE_OK
        if let handle {
            code = sqlite3_blob_reopen(handle, row)
        } else {
            code = sqlite3_blob_open(
                connection.handle,
                "main",
                "\(rows.keyspace.rawValue)_blocks",
                "block",
                row,
                1,
                &handle,
            )
        }
        // For want of such a row.
        guard code != SQLITE_ERROR else { throw rows.damaged("block \(number) is missing") }
        try check(code)
    }

    private func check(_ code: Int32) throws(StoreError) {
        guard code == SQLITE_OK else {
            throw connection.failure(code, attempt: "write to a block")
        }
    }
}
