import CSQLite
import Engine

/// A walk over a range of a keyspace whose pairs lie in blocks.
struct BlockWalk: ~Copyable {
    private let connection: Connection
    private let kind: StatementKind
    private let statement: Statement
    private let from: [UInt8]
    private let to: [UInt8]?
    private let reversed: Bool
    /// The current block, whose bytes hold until the statement's next step.
    private var block: Block?
    /// What is left of its pairs.
    private var rest = 0..<0
    private var isLast = false

    init(
        _ keyspace: Keyspace,
        in connection: Connection,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
    ) throws(StoreError) {
        let kind = StatementKind.walk(keyspace, to: to, reversed: reversed)
        let statement = try connection.take(kind)
        try statement.bindCopy(1, from)
        if reversed, let to { try statement.bindCopy(2, to) }
        self.connection = connection
        self.from = from
        self.to = to
        self.reversed = reversed
        self.kind = kind
        self.statement = statement
    }

    deinit {
        connection.giveBack(statement, as: kind)
    }

    /// The next pair, whose bytes hold until the next call; nil at the end.
    mutating func next() throws(StoreError) -> Entry? {
        while rest.isEmpty {
            guard !isLast, try statement.step() else { return nil }
            try enter(try Block(statement.column(0)))
        }
        guard let block else { return nil }
        if reversed {
            rest = rest.lowerBound..<rest.upperBound - 1
            return try block.entry(rest.upperBound)
        }
        rest = rest.lowerBound + 1..<rest.upperBound
        return try block.entry(rest.lowerBound - 1)
    }

    /// A block with pairs on the far side of the range's end is the last: the next one is not asked for.
    private mutating func enter(_ next: Block) throws(StoreError) {
        let lower = reversed || block == nil ? try next.lowerBound(from) : 0
        var upper = next.count
        if let to, !reversed || block == nil { upper = try next.lowerBound(to) }
        isLast = reversed ? lower > 0 : upper < next.count
        rest = lower..<max(lower, upper)
        block = next
    }
}
