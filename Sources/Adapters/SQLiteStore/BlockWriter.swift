import Engine

/// Brings pairs into the blocks of a keyspace, and blocks into the order of their keys; used by `FileWriter`.
///
/// **Invariants**, of what is committed:
///
/// - The directory has one row for each block: the block has the keys from the row's key up to that of the next row.
/// - The first row's key is empty, so each key has a block; that block stays, even with no pair.
/// - A block of more bytes than a page has one pair.
///
/// A block that overflows is laid out anew with one behind it, and another where these overflow too, so blocks are
/// three quarters full where keys come in no order (a B*-tree's way: Knuth, *Sorting and Searching*, 6.2.4). One that
/// has become small goes together with the one before or behind it, where both are to have room for more.
final class BlockWriter {
    private let connection: Connection
    private let editor: BlockEditor
    /// What comes into a block and its successors, in order.
    private var merged: [Entry] = []
    /// The blocks as they will stand, one behind the other.
    private var drafts = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// A block that has become shorter and takes less than this looks for more.
    static let roomLittle = Block.room / 4
    /// It does not go together with another to one that takes more than this: the next put would cut it again.
    private static let roomGathered = Block.room / 4 * 3
    /// What overflows by more than this is cut without those behind it.
    private static let roomShared = 4 * Block.room
    /// Pairs that are larger than this, on average, lie no better with those of the next blocks.
    private static let roomOfSharedPair = Block.room / 4
    /// Memory for drafts that is kept for the next ones.
    private static let draftBytesKept = 1 << 20

    init(_ connection: Connection) {
        self.connection = connection
        editor = BlockEditor(connection)
    }

    deinit {
        drafts.deallocate()
    }

    /// Puts pairs, and removes those that are deletes; they come in order, each key once.
    func write(_ entries: ArraySlice<Entry>, of keyspace: Keyspace) throws(StoreError) {
        let rows = BlockRows(connection: connection, keyspace: keyspace)
        defer { editor.close() }
        var rest = entries
        while let first = rest.first {
            let replaced = try editor.replace(rest, rows)
            if replaced > 0 {
                rest = rest.dropFirst(replaced)
                continue
            }
            let places = try rows.places(of: first.keyBytes)
            var end = rest.endIndex
            if let next = places.behind.first { end = Self.firstIndex(in: rest, from: next.key) }
            guard end > rest.startIndex else { throw rows.damaged("its keys are in no order") }
            try rewrite(places, rows) { merge(rest[..<end], over: $0) }
            rest = rest[end...]
        }
    }

    /// Removes all pairs of a stretch of keys.
    func delete(_ span: KeySpans.Span, of keyspace: Keyspace) throws(StoreError) {
        let rows = BlockRows(connection: connection, keyspace: keyspace)
        let first = try rows.places(of: span.from).block
        let last = try span.to.map { bound throws(StoreError) in try rows.places(of: bound).block }
        // What lies between the two lies in the stretch wholly.
        try rows.remove(between: first, and: last)
        var cut = [first]
        if let last, last.number != first.number, last.key != span.to { cut.append(last) }
        for place in cut.reversed() {
            let places = try rows.places(of: place.key)
            try rewrite(places, rows) { trim($0, span) }
        }
    }

    // MARK: One block

    /// Lays out a block anew, with what `change` makes of its pairs and leaves in `merged`.
    private func rewrite(
        _ places: BlockRows.Places,
        _ rows: BlockRows,
        _ change: (_ pairs: [Entry]) -> Void,
    ) throws(StoreError) {
        var loaded = LoadedBlocks(rows)
        let old = try loaded.pairs(of: places.block)
        change(old)
        let taken = Self.room(merged[...])
        var first = places.block
        var joined: [BlockRows.Place] = []
        if !merged.isEmpty, taken < Self.roomLittle, taken < Self.room(old[...]) {
            if let before = try rows.before(first),
                try join(before, rows, isBefore: true, roomMax: Self.roomGathered, &loaded)
            {
                (first, joined) = (before, [first])
            } else if let next = places.behind.first,
                try join(next, rows, roomMax: Self.roomGathered, &loaded)
            {
                joined = [next]
            }
        }
        if joined.isEmpty {
            for place in places.behind {
                guard try sharesMore(blocks: joined.count, place, rows, &loaded) else { break }
                joined.append(place)
            }
        }
        try store(first, joined, rows, isAtEnd: places.behind.isEmpty) { loaded.letGo() }
    }

    /// Takes in a block behind those that were taken in before, if what is merged lies better with it.
    private func sharesMore(
        blocks: Int,
        _ place: BlockRows.Place,
        _ rows: BlockRows,
        _ loaded: inout LoadedBlocks,
    ) throws(StoreError) -> Bool {
        // A pair that has a block to itself parts what is before it from what is behind.
        let start = merged.lastIndex { Block.roomTaken(by: $0) > Block.room }.map { $0 + 1 } ?? 0
        let tail = merged[start...]
        let taken = Self.room(tail)
        let overflows =
            taken > (blocks + 1) * Block.room && taken <= Self.roomShared
            && taken <= tail.count * Self.roomOfSharedPair
        if overflows { return try join(place, rows, roomMax: .max, &loaded) }
        guard blocks == 0, start > 0, !tail.isEmpty else { return false }
        return try join(place, rows, roomMax: Self.room(merged[...]) - taken + Block.room, &loaded)
    }

    /// Puts a block's pairs behind what is merged, or before it, if all of it takes no more than that then.
    private func join(
        _ place: BlockRows.Place,
        _ rows: BlockRows,
        isBefore: Bool = false,
        roomMax: Int,
        _ loaded: inout LoadedBlocks,
    ) throws(StoreError) -> Bool {
        guard let pairs = try loaded.smallPairs(of: place),
            Self.room(pairs[...]) + Self.room(merged[...]) <= roomMax
        else { return false }
        let (left, right) = isBefore ? (pairs, merged) : (merged, pairs)
        if let before = left.last, let after = right.first, before.order(after) >= 0 {
            throw Block.damaged(rows.keyspace)
        }
        merged = left + right
        return true
    }

    /// What is there once the entries are.
    private func merge(_ entries: ArraySlice<Entry>, over old: [Entry]) {
        merged.removeAll(keepingCapacity: true)
        var rest = old[...]
        for entry in entries {
            while let next = rest.first {
                let order = next.order(entry)
                if order > 0 { break }
                rest.removeFirst()
                if order == 0 { break }
                merged.append(next)
            }
            if !entry.isDelete { merged.append(entry) }
        }
        merged.append(contentsOf: rest)
    }

    /// What is there without a stretch.
    private func trim(_ old: [Entry], _ span: KeySpans.Span) {
        merged.removeAll(keepingCapacity: true)
        merged.append(contentsOf: old[..<Self.firstIndex(in: old[...], from: span.from)])
        guard let to = span.to else { return }
        merged.append(contentsOf: old[Self.firstIndex(in: old[...], from: to)...])
    }

    // MARK: What is stored

    /// Puts what is merged in the place of a block, and of those behind it that are given.
    ///
    /// `letGo` is called when what is merged is not needed any more, before anything is written.
    private func store(
        _ place: BlockRows.Place,
        _ joined: [BlockRows.Place],
        _ rows: BlockRows,
        isAtEnd: Bool,
        _ letGo: () -> Void,
    ) throws(StoreError) {
        var blocks = BlockSplit.blocks(of: merged, fillsUp: isAtEnd)
        // The first block of a keyspace stays without pairs.
        if blocks.isEmpty, place.key.isEmpty { blocks = [0..<0] }
        let parts = try draft(blocks)
        let keys = blocks.dropFirst().map {
            BlockSplit.key(between: merged[$0.lowerBound - 1], and: merged[$0.lowerBound])
        }
        letGo()
        for place in joined { try rows.leave(place) }
        var spare = joined.map(\.number)[...]
        if let first = parts.first {
            _ = try rows.put(bytes(first), at: place.number)
        } else {
            try rows.leave(place)
            spare.append(place.number)
        }
        for (part, key) in zip(parts.dropFirst(), keys) {
            let number = try rows.put(bytes(part), at: spare.popFirst())
            try rows.enter(BlockRows.Place(key: key, number: number))
        }
        for number in spare { try rows.remove(block: number) }
        if drafts.count > Self.draftBytesKept { takeDrafts(0) }
    }

    /// Writes blocks of `merged` down, with what they say in memory of ours.
    ///
    /// - Returns: where each lies in `drafts`.
    private func draft(_ blocks: [Range<Int>]) throws(StoreError) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        for block in blocks {
            let start = parts.last?.upperBound ?? 0
            let taken = Block.headBytes + Self.room(merged[block])
            parts.append(start..<start + max(taken, Block.bytesCount))
        }
        let bytesCount = parts.last?.upperBound ?? 0
        if drafts.count < bytesCount { takeDrafts(bytesCount) }
        for (block, part) in zip(blocks, parts) {
            try BlockSplit.write(
                merged[block],
                to: UnsafeMutableRawBufferPointer(rebasing: drafts[part])
            )
        }
        return parts
    }

    private func takeDrafts(_ bytesCount: Int) {
        drafts.deallocate()
        drafts = .init(start: nil, count: 0)
        if bytesCount > 0 { drafts = .allocate(byteCount: bytesCount, alignment: 16) }
    }

    private func bytes(_ part: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: drafts[part])
    }

    /// What pairs take of blocks' room.
    private static func room(_ pairs: ArraySlice<Entry>) -> Int {
        pairs.reduce(0) { $0 + Block.roomTaken(by: $1) }
    }

    private static func firstIndex(in entries: ArraySlice<Entry>, from key: [UInt8]) -> Int {
        key.withUnsafeBytes { bytes in
            let bound = Entry(bytes)
            return entries.firstIndex { $0.order(bound) >= 0 } ?? entries.endIndex
        }
    }
}
