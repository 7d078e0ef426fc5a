import CSQLite
import Engine

/// What a connection's open transaction sees: the reading half of the engine's protocol.
struct ConnectionView: StoreReader {
    let connection: Connection
    /// What rows may refer to.
    let files: ValueFileSet

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        let kind = StatementKind.get(keyspace)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        let buffer = ValueBuffer.needed(for: keyspace)
        defer { withExtendedLifetime(buffer) {} }
        // Errors are not thrown out of the closure with their type.
        return try key.withUnsafeBytes { key in
            Result { () throws(StoreError) in
                try find(key, by: statement, of: keyspace, buffer).map { Array($0) }
            }
        }.get()
    }

    func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        let kind = StatementKind.get(keyspace)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        let buffer = ValueBuffer.needed(for: keyspace)
        defer { withExtendedLifetime(buffer) {} }
        try body(try find(key, by: statement, of: keyspace, buffer))
    }

    /// A key's value, valid until the statement is reset, and until the buffer is used again or gone.
    private func find(
        _ key: UnsafeRawBufferPointer,
        by get: Statement,
        of keyspace: Keyspace,
        _ buffer: ValueBuffer?,
    ) throws(StoreError) -> UnsafeRawBufferPointer? {
        let code = get.bind(1, key)
        guard code == SQLITE_OK else { throw get.failure(code) }
        let isThere = try get.step()
        guard Keyspaces.isInBlocks(keyspace) else {
            return isThere ? try value(get, 0, of: keyspace, buffer) : nil
        }
        // Each key has a block.
        guard isThere else { throw Block.damaged(keyspace) }
        return try Block(get.column(0), of: keyspace).find(Entry(key))?.valueBytes
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        if Keyspaces.isInBlocks(keyspace) {
            var walk = try BlockWalk(
                keyspace,
                in: connection,
                from: from,
                to: to,
                reversed: reversed
            )
            while let pair = try walk.next() {
                guard try body(pair.keyBytes, pair.valueBytes) else { return }
            }
            return
        }
        let kind = StatementKind.walk(keyspace, to: to, reversed: reversed)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        let buffer = ValueBuffer.needed(for: keyspace)
        defer { withExtendedLifetime(buffer) {} }
        try statement.binding(from: from, to: reversed ? to : nil) {
            while let key = try statement.next(below: reversed ? nil : to) {
                let value = try value(statement, 1, of: keyspace, buffer)
                guard try body(key.keyBytes, value) else { return }
            }
        }
    }

    /// The current row's value, from its column or from the file that the next column names; valid
    /// until the next step, and until the buffer is used again or gone.
    func value(
        _ statement: Statement,
        _ column: Int32,
        of keyspace: Keyspace,
        _ buffer: ValueBuffer?,
    ) throws(StoreError) -> UnsafeRawBufferPointer {
        let stored = statement.column(column)
        guard let buffer, let number = statement.number(column + 1) else { return stored }
        guard let place = ValuePlace(stored), let file = files[number] else {
            throw Self.lost(number)
        }
        return try file.read(place, into: buffer)
    }

    /// The size of the current row's value, which is not read.
    func valueBytes(
        _ statement: Statement,
        _ column: Int32,
        of keyspace: Keyspace,
    ) throws(StoreError) -> Int {
        let stored = statement.column(column)
        guard Keyspaces.isApart(keyspace), let number = statement.number(column + 1)
        else { return stored.count }
        guard let place = ValuePlace(stored) else { throw Self.lost(number) }
        return Int(place.count)
    }

    private static func lost(_ number: UInt64) -> StoreError {
        .damaged("values \(number)", "a row refers to what is not there")
    }
}

extension Statement {
    /// Runs `body` with the bounds bound as ?1 and, where there is one, ?2.
    func binding(from: [UInt8], to: [UInt8]?, _ body: () throws -> Void) throws {
        try from.withUnsafeBytes { lower in
            try check(bind(1, lower))
            guard let to else { return try body() }
            try to.withUnsafeBytes { upper in
                try check(bind(2, upper))
                try body()
            }
        }
    }

    private func check(_ code: Int32) throws(StoreError) {
        guard code == SQLITE_OK else { throw failure(code) }
    }
}
