import CSQLite
import Engine

/// A walk over a range of one keyspace in SQLite's file, that can skip stretches.
struct FileCursor: ~Copyable {
    private let view: ConnectionView
    private let keyspace: Keyspace
    private let reversed: Bool
    private var from: [UInt8]
    private var to: [UInt8]?
    /// One of the two: the walk over rows of a pair each, or over blocks.
    private var statement: (statement: Statement, kind: StatementKind)?
    private var blocks: BlockWalk?
    /// The current pair's key, whose bytes hold until the next move; nil at the end.
    private(set) var current: Entry?
    private let buffer: ValueBuffer?

    init(
        _ keyspace: Keyspace,
        in view: ConnectionView,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
    ) throws(StoreError) {
        self.view = view
        self.keyspace = keyspace
        buffer = .needed(for: keyspace)
        self.reversed = reversed
        self.from = from
        self.to = to
        try open()
    }

    deinit {
        if let statement { view.connection.giveBack(statement.statement, as: statement.kind) }
    }

    /// The current pair's value, which holds until the next move.
    struct Row {
        fileprivate let view: ConnectionView
        fileprivate let pair: Entry
        /// Where the pair is a row of its own.
        fileprivate let statement: Statement?
        fileprivate let keyspace: Keyspace
        fileprivate let buffer: ValueBuffer?

        func value() throws(StoreError) -> UnsafeRawBufferPointer {
            guard let statement else { return pair.valueBytes }
            return try view.value(statement, 1, of: keyspace, buffer)
        }

        func valueBytes() throws(StoreError) -> Int {
            guard let statement else { return Int(pair.valueCount) }
            return try view.valueBytes(statement, 1, of: keyspace)
        }
    }

    /// The current pair; nil at the end.
    var row: Row? {
        guard let current else { return nil }
        return Row(
            view: view,
            pair: current,
            statement: statement?.statement,
            keyspace: keyspace,
            buffer: buffer,
        )
    }

    mutating func advance() throws(StoreError) {
        if let statement {
            current = try statement.statement.next(below: reversed ? nil : to)
        } else {
            current = try blocks?.next()
        }
    }

    /// Goes on behind a span in which the current pair is.
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
        if Keyspaces.isInBlocks(keyspace) {
            // The statement of the one before is given back first.
            blocks = nil
            blocks = try BlockWalk(
                keyspace,
                in: view.connection,
                from: from,
                to: to,
                reversed: reversed
            )
        } else {
            if let statement { view.connection.giveBack(statement.statement, as: statement.kind) }
            let kind = StatementKind.walk(keyspace, to: to, reversed: reversed)
            let taken = try view.connection.take(kind)
            statement = (taken, kind)
            try taken.bindCopy(1, from)
            if reversed, let to { try taken.bindCopy(2, to) }
        }
        try advance()
    }
}
