import CSQLite
import Engine

/// A walk over a range of one table of SQLite's file, that can skip stretches.
struct FileCursor: ~Copyable {
    private let connection: Connection
    private let keyspace: Keyspace
    private let reversed: Bool
    private var from: [UInt8]
    private var to: [UInt8]?
    private var statement: (statement: Statement, kind: StatementKind)?
    /// The current row's key, whose bytes hold until the next move; nil at the end.
    private(set) var current: Entry?

    init(
        _ keyspace: Keyspace,
        on connection: Connection,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
    ) throws(StoreError) {
        self.connection = connection
        self.keyspace = keyspace
        self.reversed = reversed
        self.from = from
        self.to = to
        try open()
    }

    deinit {
        if let statement { connection.giveBack(statement.statement, as: statement.kind) }
    }

    /// The current row's value.
    var value: UnsafeRawBufferPointer {
        statement?.statement.column(1) ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    mutating func advance() throws(StoreError) {
        current = try statement?.statement.next(below: reversed ? nil : to)
    }

    /// Goes on behind a span in which the current row is.
    mutating func skip(_ span: KeySpans.Span) throws(StoreError) {
        if reversed {
            to = span.from
        } else if let end = span.to {
            from = end
        } else {
            current = nil
            return
        }
        try open()
    }

    private mutating func open() throws(StoreError) {
        if let statement { connection.giveBack(statement.statement, as: statement.kind) }
        let kind = StatementKind.walk(keyspace, to: to, reversed: reversed)
        let taken = try connection.take(kind)
        statement = (taken, kind)
        try taken.bindCopy(1, from)
        if reversed, let to { try taken.bindCopy(2, to) }
        try advance()
    }
}
