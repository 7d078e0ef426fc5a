import CSQLite
import Engine

/// The writing half of the engine's protocol, on the writer's connection.
final class SQLiteTransaction: StoreTransaction {
    var isOver = false
    /// The first failed change.
    ///
    /// A body that swallows it still does not get its transaction.
    private(set) var failure: StoreError?
    private let connection: Connection
    private let view: ConnectionView
    /// How many walks over a keyspace are under way, by ordinal.
    private var walks = Array(repeating: 0, count: Keyspace.allCases.count)

    init(connection: Connection) {
        self.connection = connection
        view = ConnectionView(connection: connection)
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        precondition(!isOver, "A transaction is used inside its body only.")
        return try view.get(keyspace, key)
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        precondition(!isOver, "A transaction is used inside its body only.")
        walks[keyspace.ordinal] += 1
        defer { walks[keyspace.ordinal] -= 1 }
        try view.range(keyspace, from: from, to: to, reversed: reversed, body)
    }

    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) throws(StoreError) {
        try change(keyspace, .put(keyspace), key, value)
    }

    func delete(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) {
        try change(keyspace, .delete(keyspace), key, nil)
    }

    func deleteRange(_ keyspace: Keyspace, from: [UInt8], to: [UInt8]?) throws(StoreError) {
        try change(keyspace, .deleteRange(keyspace, bounded: to != nil), from, to)
    }

    /// Runs a statement that answers no row, with one or two blobs.
    private func change(
        _ keyspace: Keyspace,
        _ kind: StatementKind,
        _ first: [UInt8],
        _ second: [UInt8]?,
    ) throws(StoreError) {
        precondition(!isOver, "A transaction is used inside its body only.")
        precondition(walks[keyspace.ordinal] == 0, "A keyspace is not changed while walked over.")
        do throws(StoreError) {
            let statement = try connection.take(kind)
            defer { connection.giveBack(statement, as: kind) }
            let code = Self.run(statement, first, second)
            guard code == SQLITE_DONE else { throw statement.failure(code) }
        } catch {
            failure = failure ?? error
            throw error
        }
    }

    private static func run(_ statement: Statement, _ first: [UInt8], _ second: [UInt8]?) -> Int32 {
        first.withUnsafeBytes { first in
            let code = statement.bind(1, first)
            guard code == SQLITE_OK else { return code }
            guard let second else { return sqlite3_step(statement.handle) }
            return second.withUnsafeBytes { second in
                let code = statement.bind(2, second)
                return code == SQLITE_OK ? sqlite3_step(statement.handle) : code
            }
        }
    }
}
