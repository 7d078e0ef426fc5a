import Engine
import Glibc

/// How pairs are laid into blocks.
enum BlockSplit {
    /// Which of the pairs go into one block each: of like size where that takes no more blocks, or each filled up, where
    /// what follows will come into the last one.
    ///
    /// A pair that has more than a block's room has one to itself.
    static func blocks(of entries: [Entry], fillsUp: Bool = false) -> [Range<Int>] {
        let full = cut(entries) { _, _ in false }
        guard full.count > 1, !fillsUp else { return full }
        // To fill one after the other could leave the last with a single pair, and it would stay so.
        let total = entries.reduce(0) { $0 + Block.roomTaken(by: $1) }
        let even = cut(entries) { blocks, middle in
            middle > total * (blocks + 1) / full.count
        }
        return even.count > full.count ? full : even
    }

    /// Cuts before a pair that finds no room, and where `isEnough` says so: of how many blocks there are before the
    /// present one, and where the pair's middle is, in bytes of room from the first pair on.
    private static func cut(
        _ entries: [Entry],
        isEnough: (_ blocks: Int, _ middle: Int) -> Bool,
    ) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var start = 0
        var taken = 0
        var before = 0
        for (index, entry) in entries.enumerated() {
            let more = Block.roomTaken(by: entry)
            if index > start,
                taken + more > Block.room || isEnough(blocks.count, before + more / 2)
            {
                blocks.append(start..<index)
                (start, taken) = (index, 0)
            }
            taken += more
            before += more
        }
        if start < entries.count { blocks.append(start..<entries.count) }
        return blocks
    }

    /// The shortest key that is after one and not after the other.
    static func key(between left: Entry, and right: Entry) -> [UInt8] {
        let (before, after) = (left.keyBytes, right.keyBytes)
        var shared = 0
        while shared < before.count, shared < after.count, before[shared] == after[shared] {
            shared += 1
        }
        return Array(after.prefix(shared + 1))
    }

    /// Writes a block's bytes.
    static func write(
        _ entries: ArraySlice<Entry>,
        to block: UnsafeMutableRawBufferPointer,
    ) throws(StoreError) {
        guard let base = block.baseAddress else { return }
        base.storeBytes(of: UInt16(entries.count).littleEndian, as: UInt16.self)
        var end = Block.headBytes + entries.count * Block.placeBytes
        for (place, entry) in entries.enumerated() {
            base.storeBytes(
                of: UInt16(end).littleEndian,
                toByteOffset: Block.headBytes + place * Block.placeBytes,
                as: UInt16.self
            )
            try write(entry, to: UnsafeMutableRawBufferPointer(rebasing: block[end...]))
            end += Block.pairHeadBytes + entry.byteCount
        }
        if end < block.count { memset(base + end, 0, block.count - end) }
    }

    /// Writes the bytes of a pair, which has room there.
    static func write(
        _ entry: Entry,
        to bytes: UnsafeMutableRawBufferPointer,
    ) throws(StoreError) {
        guard let base = bytes.baseAddress else { return }
        let (keyCount, valueCount) = (Int(entry.keyCount), Int(entry.valueCount))
        guard keyCount <= Block.keyBytesMax else {
            throw StoreError(
                attempt: "write a block",
                code: 0,
                message: "a key has \(keyCount) bytes, of \(Block.keyBytesMax) at most",
            )
        }
        base.storeBytes(of: UInt16(keyCount).littleEndian, as: UInt16.self)
        base.storeBytes(of: UInt32(valueCount).littleEndian, toByteOffset: 2, as: UInt32.self)
        memcpy(base + Block.pairHeadBytes, entry.key, keyCount)
        let target = base + Block.pairHeadBytes + keyCount
        try entry.giveValue { value throws(StoreError) in
            if let source = value.baseAddress { memcpy(target, source, value.count) }
        }
    }
}
