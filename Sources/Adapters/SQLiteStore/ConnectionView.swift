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
        let code = key.withUnsafeBytes { key in
            let bound = statement.bind(1, key)
            return bound == SQLITE_OK ? sqlite3_step(statement.handle) : bound
        }
        switch code {
        case SQLITE_ROW:
            let buffer = ValueBuffer.needed(for: keyspace)
            defer { withExtendedLifetime(buffer) {} }
            return Array(try value(statement, 0, of: keyspace, buffer))
        case SQLITE_DONE: return nil
        default: throw statement.failure(code)
        }
    }

    func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        let kind = StatementKind.get(keyspace)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        guard statement.bind(1, key) == SQLITE_OK else { throw statement.failure(SQLITE_NOMEM) }
        guard try statement.step() else { return try body(nil) }
        let buffer = ValueBuffer.needed(for: keyspace)
        defer { withExtendedLifetime(buffer) {} }
        try body(try value(statement, 0, of: keyspace, buffer))
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
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
