import CSQLite
import Engine

/// A walk over a range of a keyspace whose pairs lie in blocks.
///
/// Each key that it tells is beyond the one before, so it comes to an end whatever is damaged.
struct BlockWalk: ~Copyable {
    private let keyspace: Keyspace
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
    /// The pair that was told last; of a block that is left, its key is in `edge`.
    private var last: Entry?
    /// The range's bound where the walk begins, or the last key of the block before.
    private var edge: [UInt8]?
    private var isEdgeInRange: Bool
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
        if let to { try statement.bindCopy(2, to) }
        self.keyspace = keyspace
        self.connection = connection
        self.from = from
        self.to = to
        self.reversed = reversed
        self.kind = kind
        self.statement = statement
        edge = reversed ? to : from
        isEdgeInRange = !reversed
    }

    deinit {
        connection.giveBack(statement, as: kind)
    }

    /// The next pair, whose bytes hold until the next call; nil at the end.
    mutating func next() throws(StoreError) -> Entry? {
        while rest.isEmpty {
            if let last {
                (edge, isEdgeInRange) = (Array(last.keyBytes), false)
                self.last = nil
            }
            guard !isLast, try statement.step() else {
                // Each key has a block.
                if block == nil, !isLast, to.map(from.lexicographicallyPrecedes) ?? true {
                    throw Block.damaged(keyspace)
                }
                isLast = true
                return nil
            }
            try enter(try Block(statement.column(0), of: keyspace))
        }
        guard let block else { return nil }
        let ordinal = reversed ? rest.upperBound - 1 : rest.lowerBound
        rest = reversed ? rest.lowerBound..<ordinal : ordinal + 1..<rest.upperBound
        let pair = try block.entry(ordinal)
        guard isBeyond(pair) else { throw Block.damaged(keyspace) }
        last = pair
        return pair
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

    /// Whether a pair follows what was told last, or the bound.
    private func isBeyond(_ pair: Entry) -> Bool {
        if let last { return reversed ? pair.order(last) < 0 : pair.order(last) > 0 }
        guard let edge else { return true }
        let order = edge.withUnsafeBytes { pair.order(Entry($0)) }
        if order == 0 { return isEdgeInRange }
        return reversed ? order < 0 : order > 0
    }
}
