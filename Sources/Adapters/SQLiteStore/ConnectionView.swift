import CSQLite
import Engine

/// What a connection's open transaction sees: the reading half of the engine's protocol.
struct ConnectionView: StoreReader {
    let connection: Connection

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        let kind = StatementKind.get(keyspace)
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        var found: [UInt8]?
        let code = key.withUnsafeBytes { key in
            let bound = statement.bind(1, key)
            guard bound == SQLITE_OK else { return bound }
            let stepped = sqlite3_step(statement.handle)
            if stepped == SQLITE_ROW { found = Array(statement.column(0)) }
            return stepped
        }
        guard code == SQLITE_ROW || code == SQLITE_DONE else { throw statement.failure(code) }
        return found
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
        try body(try statement.step() ? statement.column(0) : nil)
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
        try statement.binding(from: from, to: reversed ? to : nil) {
            while let key = try statement.next(below: reversed ? nil : to) {
                guard try body(key.keyBytes, statement.column(1)) else { return }
            }
        }
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
