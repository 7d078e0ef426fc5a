import CSQLite
import Engine

/// The rows in which the blocks of a keyspace and their directory lie, as `BlockWriter` reads and writes them.
struct BlockRows {
    let connection: Connection
    let keyspace: Keyspace

    /// A row of the directory: from which key on a block has keys, and the block's number.
    struct Place {
        let key: [UInt8]
        let number: UInt64
    }

    /// The block that a key is in, or would be, and the next ones, two at most.
    struct Places {
        let block: Place
        var behind: [Place] = []
    }

    func places(of key: UnsafeRawBufferPointer) throws(StoreError) -> Places {
        let statement = try take(.places)
        defer { giveBack(statement, as: .places) }
        guard statement.bind(1, key) == SQLITE_OK else { throw statement.failure(SQLITE_NOMEM) }
        guard try statement.step() else { throw damaged("it has no first block") }
        var places = Places(block: try place(statement))
        while try statement.step() { places.behind.append(try place(statement)) }
        return places
    }

    func places(of key: [UInt8]) throws(StoreError) -> Places {
        // Errors are not thrown out of the closure with their type.
        try key.withUnsafeBytes { bytes in
            Swift.Result { () throws(StoreError) in try places(of: bytes) }
        }.get()
    }

    /// The number of the block that a key is in, or would be.
    func number(of key: UnsafeRawBufferPointer) throws(StoreError) -> UInt64 {
        let statement = try take(.place)
        defer { giveBack(statement, as: .place) }
        guard statement.bind(1, key) == SQLITE_OK else { throw statement.failure(SQLITE_NOMEM) }
        guard try statement.step() else { throw damaged("it has no first block") }
        guard let number = statement.number(0) else { throw damaged("a block has no number") }
        return number
    }

    func before(_ place: Place) throws(StoreError) -> Place? {
        let statement = try take(.before)
        defer { giveBack(statement, as: .before) }
        try statement.bindCopy(1, place.key)
        return try statement.step() ? try self.place(statement) : nil
    }

    private func place(_ statement: Statement) throws(StoreError) -> Place {
        guard let number = statement.number(1) else { throw damaged("a block has no number") }
        return Place(key: Array(statement.column(0)), number: number)
    }

    /// A statement whose first column is the block, until it is reset or given back.
    func load(_ place: Place, by statement: BlockStatement) throws(StoreError) -> Statement {
        let load = try take(statement)
        guard load.bind(1, place.number) == SQLITE_OK, try load.step() else {
            giveBack(load, as: statement)
            throw damaged("block \(place.number) is missing")
        }
        return load
    }

    /// Writes a block over the one with this number, or under one of its own.
    ///
    /// - Returns: the number.
    func put(_ bytes: UnsafeRawBufferPointer, at number: UInt64?) throws(StoreError) -> UInt64 {
        try run(.store) { store in
            let code =
                number.map { store.bind(1, $0) } ?? sqlite3_bind_null(store.handle, 1)
            return code == SQLITE_OK ? store.bind(2, bytes) : code
        }
        return number ?? UInt64(sqlite3_last_insert_rowid(connection.handle))
    }

    func enter(_ place: Place) throws(StoreError) {
        try run(.enter) { enter in
            let code = enter.bindCode(1, place.key)
            return code == SQLITE_OK ? enter.bind(2, place.number) : code
        }
    }

    func leave(_ place: Place) throws(StoreError) {
        try run(.leave) { $0.bindCode(1, place.key) }
    }

    func remove(block number: UInt64) throws(StoreError) {
        try run(.remove) { $0.bind(1, number) }
    }

    /// Removes the blocks between two, or behind the first, and leaves the directory without them.
    func remove(between first: Place, and last: Place?) throws(StoreError) {
        let bounded = last != nil
        let both: [BlockStatement] = [
            .removeBetween(bounded: bounded), .leaveBetween(bounded: bounded),
        ]
        for statement in both {
            try run(statement) { bound in
                var code = bound.bindCode(1, first.key)
                if code == SQLITE_OK, let last { code = bound.bindCode(2, last.key) }
                return code
            }
        }
    }

    func damaged(_ what: String) -> StoreError {
        .damaged("the directory of \(keyspace.rawValue)", what)
    }

    private func run(
        _ statement: BlockStatement,
        _ bind: (Statement) -> Int32,
    ) throws(StoreError) {
        let taken = try take(statement)
        defer { giveBack(taken, as: statement) }
        try taken.run { bind(taken) }
    }

    private func take(_ statement: BlockStatement) throws(StoreError) -> Statement {
        try connection.take(.block(statement, keyspace))
    }

    func giveBack(_ taken: Statement, as statement: BlockStatement) {
        connection.giveBack(taken, as: .block(statement, keyspace))
    }
}

/// Blocks that are read before they are written anew.
struct LoadedBlocks: ~Copyable {
    private let rows: BlockRows
    private var loads: [(statement: Statement, kind: BlockStatement)] = []

    init(_ rows: BlockRows) {
        self.rows = rows
    }

    deinit {
        for load in loads { rows.giveBack(load.statement, as: load.kind) }
    }

    /// A block's pairs, in order; their bytes hold until `letGo`.
    mutating func pairs(of place: BlockRows.Place) throws(StoreError) -> [Entry] {
        try pairs(of: place, by: .load) ?? []
    }

    /// The same of a block that is no larger than a page; nil for one that is, which is not read.
    mutating func smallPairs(of place: BlockRows.Place) throws(StoreError) -> [Entry]? {
        try pairs(of: place, by: .loadSmall)
    }

    private mutating func pairs(
        of place: BlockRows.Place,
        by statement: BlockStatement,
    ) throws(StoreError) -> [Entry]? {
        let load = try rows.load(place, by: statement)
        loads.append((load, statement))
        if sqlite3_column_type(load.handle, 0) == SQLITE_NULL { return nil }
        let block = try Block(load.column(0), of: rows.keyspace)
        var pairs: [Entry] = []
        pairs.reserveCapacity(block.count)
        for ordinal in 0..<block.count {
            let pair = try block.entry(ordinal)
            if let last = pairs.last, last.order(pair) >= 0 { throw Block.damaged(rows.keyspace) }
            pairs.append(pair)
        }
        let isInPlace = place.key.withUnsafeBytes { key in
            pairs.first.map { $0.order(Entry(key)) >= 0 } ?? true
        }
        guard isInPlace else { throw Block.damaged(rows.keyspace) }
        return pairs
    }

    /// Ends the statements that read, before anything is written.
    func letGo() {
        for load in loads { load.statement.reset() }
    }
}
