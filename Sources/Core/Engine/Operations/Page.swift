import Expressions
import Items
import Wire

/// One page of a Query or Scan: what was evaluated, what of it is shown, where it was cut.
struct Page {
    /// A page ends with the item that brings what was evaluated above this size.
    ///
    /// Sizes are the API's. A filter makes no page longer: what it drops was evaluated all the same.
    static let evaluatedBytesMax = 1 << 20

    /// A page also ends where it has passed this many deleted items, which clients do not see.
    ///
    /// Tombstones stay for days and cost a page nothing by the API's count, so without a bound one
    /// request could walk them all. Then a page may be empty and yet have something behind it, as one
    /// whose filter dropped everything.
    static let tombstonesMax = 100_000

    /// What a page is to hold.
    struct Wish {
        /// The most items to evaluate; nil for no limit but the page's size.
        var limit: Int?
        var filter: ConditionExpression?
        var projection: ProjectionExpression?
        /// False for `Select` COUNT.
        var showsItems: Bool
        var tombstonesMax = Page.tombstonesMax
        var evaluatedBytesMax = Page.evaluatedBytesMax
    }

    /// Nil where only counts are wanted.
    private(set) var items: [ResponseItem]?
    private(set) var count = 0
    private(set) var scannedCount = 0
    private(set) var evaluatedBytes = 0
    /// The last key passed, if the page was cut there; there may be nothing behind it.
    private(set) var cutKey: [UInt8]?
    private(set) var tombstonesPassed = 0
    private let wish: Wish

    /// Reads the first page of a range.
    init(
        of table: Table,
        in range: KeyRange,
        reversed: Bool = false,
        _ wish: Wish,
        from context: ReadContext,
    ) throws {
        self.wish = wish
        items = wish.showsItems ? [] : nil
        guard !range.isEmpty else { return }
        try context.rows(
            of: table,
            from: range.from,
            to: range.to,
            reversed: reversed,
        ) { key, item in
            if let item {
                try add(item.image, sizeBytes: item.sizeBytes)
            } else {
                tombstonesPassed += 1
            }
            guard isFull else { return true }
            cutKey = [UInt8](key)
            return false
        }
    }

    /// The cut as the key that the next request begins after.
    func lastEvaluatedKey(_ schema: TableSchema) throws(ItemKeyError) -> Item? {
        guard let cutKey else { return nil }
        return try ItemKey(stored: cutKey).keyItem(schema: schema)
    }

    private var isFull: Bool {
        if let limit = wish.limit, scannedCount >= limit { return true }
        if tombstonesPassed >= wish.tombstonesMax { return true }
        return evaluatedBytes > wish.evaluatedBytesMax
    }

    /// The stored form is read only for a filter or a projection.
    private mutating func add(_ image: UnsafeRawBufferPointer, sizeBytes: Int) throws {
        scannedCount += 1
        evaluatedBytes += sizeBytes
        guard wish.filter != nil || (wish.showsItems && wish.projection != nil) else {
            count += 1
            items?.append(.stored([UInt8](image)))
            return
        }
        let item = try Item(decoding: image)
        if let filter = wish.filter, !filter.isTrue(of: item) { return }
        count += 1
        if let projection = wish.projection {
            items?.append(.item(projection.project(item)))
        } else {
            items?.append(.stored([UInt8](image)))
        }
    }
}
