import CSQLite
import Engine

/// Brings pairs into the blocks of a keyspace, and blocks into the order of their keys; used by `FileWriter`.
///
/// **Invariants**, of what is committed:
///
/// - The directory has one row for each block: the block has the keys from the row's key up to that of the next row.
/// - The first row's key is empty, so each key has a block; that block stays, even with no pair.
/// - A block of more bytes than a page has one pair.
///
/// A block that overflows is laid out anew with one or two behind it, in as few of like size as will do: so blocks are
/// at least three quarters full where keys come in no order (a B*-tree's way: Knuth, *Sorting and Searching*, 6.2.4). One that
/// deletes have left with little goes together with the one before or behind it, where both are to have room for more.
final class BlockWriter {
    private let connection: Connection
    /// What comes into a block and its successors, in order.
    private var merged: [Entry] = []
    /// The blocks as they will stand, one behind the other.
    private var drafts = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// A block that has become shorter and takes less than this looks for more.
    private static let roomLittle = Block.room / 4
    /// It does not go together with others to one that takes more than this: the next put would cut it again.
    private static let roomGathered = Block.room / 4 * 3
    /// What overflows by more than this is cut without those behind it.
    private static let roomShared = 4 * Block.room

    init(_ connection: Connection) {
        self.connection = connection
    }

    deinit {
        drafts.deallocate()
    }

    /// A row of the directory.
    private struct Place {
        let key: [UInt8]
        let number: UInt64
    }

    private struct Places {
        let block: Place
        /// The next ones, two at most.
        var behind: [Place] = []
    }

    /// The entries come in order, each key once.
    func write(_ entries: ArraySlice<Entry>, of keyspace: Keyspace) throws(StoreError) {
        var rest = entries
        while let first = rest.first {
            let places = try places(of: first.keyBytes, in: keyspace)
            var end = rest.endIndex
            if let next = places.behind.first { end = Self.firstIndex(in: rest, from: next.key) }
            try write(rest[..<end], to: places, of: keyspace)
            rest = rest[end...]
        }
    }

    /// Removes all pairs of a stretch of keys.
    func delete(_ span: KeySpans.Span, of keyspace: Keyspace) throws(StoreError) {
        let first = try places(of: span.from, in: keyspace).block
        let last = try span.to.map { bound throws(StoreError) in
            try places(of: bound, in: keyspace).block
        }
        // What lies between the two lies in the stretch wholly.
        let bounded = last != nil
        let between: [BlockStatement] = [
            .removeBetween(bounded: bounded), .leaveBetween(bounded: bounded),
        ]
        for statement in between {
            try run(statement, of: keyspace) { bound in
                var code = bound.bindCode(1, first.key)
                if code == SQLITE_OK, let last { code = bound.bindCode(2, last.key) }
                return code
            }
        }
        try trim(first, of: keyspace, span)
        if let last, last.number != first.number { try trim(last, of: keyspace, span) }
    }

    // MARK: One block

    private func write(
        _ entries: ArraySlice<Entry>,
        to places: Places,
        of keyspace: Keyspace,
    ) throws(StoreError) {
        let load = try load(places.block, of: keyspace)
        var loads = [load]
        defer { for load in loads { giveBack(load, of: keyspace) } }
        let isShorter = try merge(entries, over: try Block(load.column(0)))
        var first = places.block
        var joined: [Place] = []
        if isShorter, roomTaken < Self.roomLittle {
            if let before = try placeBefore(first, of: keyspace),
                try join(before, of: keyspace, at: 0, roomMax: Self.roomGathered, &loads)
            {
                (first, joined) = (before, [first])
            } else if let next = places.behind.first,
                try join(next, of: keyspace, at: nil, roomMax: Self.roomGathered, &loads)
            {
                joined = [next]
            }
        }
        for place in places.behind {
            let taken = roomTaken
            guard taken > (joined.count + 1) * Block.room, taken <= Self.roomShared,
                try join(place, of: keyspace, at: nil, roomMax: .max, &loads)
            else { break }
            joined.append(place)
        }
        try store(first, joined, of: keyspace) { for load in loads { load.reset() } }
    }

    /// Puts a block's pairs among what is merged, or behind it, if all of it takes no more than that then.
    private func join(
        _ place: Place,
        of keyspace: Keyspace,
        at index: Int?,
        roomMax: Int,
        _ loads: inout [Statement],
    ) throws(StoreError) -> Bool {
        let load = try load(place, of: keyspace)
        loads.append(load)
        let block = try Block(load.column(0))
        guard !block.isLarge else { return false }
        var pairs: [Entry] = []
        for index in 0..<block.count { pairs.append(try block.entry(index)) }
        let taken = pairs.reduce(roomTaken) { $0 + Block.roomTaken(by: $1) }
        guard taken <= roomMax else { return false }
        merged.insert(contentsOf: pairs, at: index ?? merged.count)
        return true
    }

    /// What `merged` takes of blocks' room.
    private var roomTaken: Int { merged.reduce(0) { $0 + Block.roomTaken(by: $1) } }

    /// Removes the pairs of a stretch from one block.
    private func trim(
        _ place: Place,
        of keyspace: Keyspace,
        _ span: KeySpans.Span,
    ) throws(StoreError) {
        let load = try load(place, of: keyspace)
        defer { giveBack(load, of: keyspace) }
        let block = try Block(load.column(0))
        let start = try block.lowerBound(span.from)
        var end = block.count
        if let to = span.to { end = try block.lowerBound(to) }
        guard start < end else { return }
        merged.removeAll(keepingCapacity: true)
        for index in 0..<block.count where index < start || index >= end {
            merged.append(try block.entry(index))
        }
        try store(place, [], of: keyspace) { load.reset() }
    }

    /// Puts into `merged` what is there once the entries are.
    ///
    /// - Returns: whether something was deleted.
    private func merge(
        _ entries: ArraySlice<Entry>,
        over block: Block,
    ) throws(StoreError) -> Bool {
        merged.removeAll(keepingCapacity: true)
        var isShorter = false
        var index = 0
        for entry in entries {
            while index < block.count {
                let old = try block.entry(index)
                let order = old.order(entry)
                if order > 0 { break }
                index += 1
                if order == 0 { break }
                merged.append(old)
            }
            if entry.isDelete {
                isShorter = true
            } else {
                merged.append(entry)
            }
        }
        while index < block.count {
            merged.append(try block.entry(index))
            index += 1
        }
        return isShorter
    }

    /// Puts what is merged in the place of a block, and of those behind it that are given.
    ///
    /// `letGo` is called when what is merged is not needed any more, before anything is written.
    private func store(
        _ place: Place,
        _ joined: [Place],
        of keyspace: Keyspace,
        _ letGo: () -> Void,
    ) throws(StoreError) {
        let blocks = BlockSplit.blocks(of: merged)
        let parts = try draft(blocks)
        let keys = blocks.dropFirst().map {
            BlockSplit.key(between: merged[$0.lowerBound - 1], and: merged[$0.lowerBound])
        }
        letGo()
        for place in joined { try run(.leave, of: keyspace) { $0.bindCode(1, place.key) } }
        var spare = joined.map(\.number)[...]
        if let first = parts.first {
            try put(first, at: place.number, of: keyspace)
        } else if place.key.isEmpty {
            try put(nil, at: place.number, of: keyspace)
        } else {
            try run(.leave, of: keyspace) { $0.bindCode(1, place.key) }
            spare.append(place.number)
        }
        for (part, key) in zip(parts.dropFirst(), keys) {
            let known = spare.popFirst()
            try put(part, at: known, of: keyspace)
            let number = known ?? UInt64(sqlite3_last_insert_rowid(connection.handle))
            try run(.enter, of: keyspace) { enter in
                let code = enter.bindCode(1, key)
                return code == SQLITE_OK ? enter.bind(2, number) : code
            }
        }
        for number in spare { try run(.remove, of: keyspace) { $0.bind(1, number) } }
    }

    /// Writes blocks of `merged` down, with what they say in memory of ours.
    ///
    /// - Returns: where each lies in `drafts`.
    private func draft(_ blocks: [Range<Int>]) throws(StoreError) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        for block in blocks {
            let start = parts.last?.upperBound ?? 0
            let taken = merged[block].reduce(Block.headBytes) { $0 + Block.roomTaken(by: $1) }
            parts.append(start..<start + max(taken, Block.bytesCount))
        }
        let bytesCount = parts.last?.upperBound ?? 0
        if drafts.count < bytesCount {
            drafts.deallocate()
            drafts = .allocate(byteCount: bytesCount, alignment: 16)
        }
        for (block, part) in zip(blocks, parts) {
            try BlockSplit.write(
                merged[block],
                to: UnsafeMutableRawBufferPointer(rebasing: drafts[part])
            )
        }
        return parts
    }

    // MARK: Rows

    /// The block that a key is in, or would be, and those behind it.
    private func places(
        of key: UnsafeRawBufferPointer,
        in keyspace: Keyspace,
    ) throws(StoreError) -> Places {
        let kind = StatementKind.block(.places, keyspace)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        guard statement.bind(1, key) == SQLITE_OK else { throw statement.failure(SQLITE_NOMEM) }
        guard try statement.step(), let block = Self.place(statement) else {
            throw .damaged("the directory of \(keyspace.rawValue)", "it has no first block")
        }
        var places = Places(block: block)
        while try statement.step(), let place = Self.place(statement) {
            places.behind.append(place)
        }
        return places
    }

    private func placeBefore(_ place: Place, of keyspace: Keyspace) throws(StoreError) -> Place? {
        let kind = StatementKind.block(.before, keyspace)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        try statement.bindCopy(1, place.key)
        return try statement.step() ? Self.place(statement) : nil
    }

    private func places(
        of key: [UInt8],
        in keyspace: Keyspace,
    ) throws(StoreError) -> Places {
        // Errors are not thrown out of the closure with their type.
        try key.withUnsafeBytes { bytes in
            Swift.Result { () throws(StoreError) in try places(of: bytes, in: keyspace) }
        }.get()
    }

    private static func place(_ statement: Statement) -> Place? {
        statement.number(1).map { Place(key: Array(statement.column(0)), number: $0) }
    }

    /// A statement whose first column is the block, until it is given back or reset.
    private func load(_ place: Place, of keyspace: Keyspace) throws(StoreError) -> Statement {
        let load = try connection.take(.block(.load, keyspace))
        guard load.bind(1, place.number) == SQLITE_OK, try load.step() else {
            giveBack(load, of: keyspace)
            throw .damaged("block \(place.number) of \(keyspace.rawValue)", "it is missing")
        }
        return load
    }

    private func giveBack(_ load: Statement, of keyspace: Keyspace) {
        connection.giveBack(load, as: .block(.load, keyspace))
    }

    /// Writes a draft; nil is a block without pairs, and without a number it gets one.
    private func put(
        _ part: Range<Int>?,
        at number: UInt64?,
        of keyspace: Keyspace,
    ) throws(StoreError) {
        try run(.store, of: keyspace) { store in
            var code = number.map { store.bind(1, $0) } ?? SQLITE_OK
            guard code == SQLITE_OK else { return code }
            if let part {
                code = store.bind(2, UnsafeRawBufferPointer(rebasing: drafts[part]))
            } else {
                code = sqlite3_bind_zeroblob(store.handle, 2, Int32(Block.bytesCount))
            }
            return code
        }
    }

    private func run(
        _ statement: BlockStatement,
        of keyspace: Keyspace,
        _ bind: (Statement) -> Int32,
    ) throws(StoreError) {
        let kind = StatementKind.block(statement, keyspace)
        let taken = try connection.take(kind)
        defer { connection.giveBack(taken, as: kind) }
        try taken.run { bind(taken) }
    }

    private static func firstIndex(in entries: ArraySlice<Entry>, from key: [UInt8]) -> Int {
        key.withUnsafeBytes { bytes in
            let bound = Entry(bytes)
            return entries.firstIndex { $0.order(bound) >= 0 } ?? entries.endIndex
        }
    }
}
