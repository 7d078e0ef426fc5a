import Expressions
import Items
import Wire

/// One page of a table or index: what was evaluated, what of it is shown, where it was cut.
///
/// `init` is the one way in which a Query, a Scan or a statement reads: it needs no request, only a
/// source, a range of its keys, and a wish. `startKey` and `used` then say where the next page
/// begins and what this one cost.
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
        /// Nil for all that the source holds.
        var projection: ProjectionExpression?
        /// False for `Select` COUNT.
        var showsItems: Bool
        /// Whether an index shows what it does not hold, as `Select` ALL_ATTRIBUTES asks.
        var showsAllAttributes = false
        /// Whether the filter makes do with what an index holds, and has nothing fetched.
        var filtersEntries = false
        var tombstonesMax = Page.tombstonesMax
        var evaluatedBytesMax = Page.evaluatedBytesMax
    }

    /// What is shown of items as a projection leaves them; those it leaves alone are in `images`.
    private var projected: [ResponseItem] = []
    /// The stored forms of the items shown, one after another, and where each ends: one array for
    /// a page costs less than one for each item.
    private var images: [UInt8] = []
    private var imageEnds: [Int] = []
    /// What is reserved for a page of more than one item.
    private static let imageBytesReserved = 64 << 10
    private static let imagesReserved = 128
    private(set) var count = 0
    private(set) var scannedCount = 0
    /// The sizes of what was evaluated: of items, or of an index's entries.
    private(set) var evaluatedBytes = 0
    /// The last key passed, if the page was cut there; there may be nothing behind it.
    private(set) var cutKey: [UInt8]?
    private(set) var tombstonesPassed = 0
    /// Items that an index had fetched from its table: their sizes, and their reads one by one.
    private var fetchedBytes = 0
    private var fetched = CapacityUnits.zero
    private let source: ReadSource
    private let wish: Wish

    /// Reads the first page of a range of the source's keys.
    ///
    /// Whoever calls has checked that the source can give what is wished (`ReadSource.check`).
    init(
        of source: ReadSource,
        in range: KeyRange,
        reversed: Bool = false,
        _ wish: Wish,
        from context: ReadContext,
    ) throws {
        self.source = source
        self.wish = wish
        guard !range.isEmpty else { return }
        if let index = source.index {
            try read(index, in: range, reversed, context)
        } else {
            try readTable(in: range, reversed, context)
        }
    }

    /// The items that are shown; nil where only counts are wanted.
    func items() -> [ResponseItem]? {
        guard wish.showsItems else { return nil }
        guard wish.projection == nil else { return projected }
        var start = 0
        return imageEnds.map { end in
            defer { start = end }
            return .stored(images[start..<end])
        }
    }

    /// Where the next page begins; nil at the end.
    func startKey() throws(ItemKeyError) -> Item? {
        guard let cutKey else { return nil }
        return try source.startKey(cutKey)
    }

    /// What reading the page used, as the caller asked to be told; `tableName` is what it calls the
    /// table.
    func used(
        _ shape: ReturnConsumedCapacity,
        of tableName: String,
        consistent: Bool,
    ) -> ConsumedCapacity? {
        let read = CapacityUnits.read(bytes: evaluatedBytes, consistent: consistent)
        guard let index = source.index else {
            return ConsumedCapacity(shape, tableName: tableName, table: read)
        }
        let part = [ConsumedCapacity.IndexPart(indexName: index.name, units: read)]
        return ConsumedCapacity(
            shape,
            tableName: tableName,
            table: consistent ? fetched : CapacityUnits(halves: fetched.halves / 2),
            localIndexes: index.isLocal ? part : [],
            globalIndexes: index.isLocal ? [] : part,
        )
    }

    // MARK: Reading

    private mutating func readTable(
        in range: KeyRange,
        _ reversed: Bool,
        _ context: ReadContext,
    ) throws {
        try context.rows(
            of: source.table,
            from: range.from,
            to: range.to,
            reversed: reversed,
        ) { key, item in
            if let item {
                scannedCount += 1
                evaluatedBytes += item.sizeBytes
                try add(item.image)
            } else {
                tombstonesPassed += 1
            }
            return goesOn(after: key)
        }
    }

    private mutating func read(
        _ index: TableIndex,
        in range: KeyRange,
        _ reversed: Bool,
        _ context: ReadContext,
    ) throws {
        let needsItems = source.needsItems(for: wish)
        try context.entries(
            of: index,
            from: range.from,
            to: range.to,
            reversed: reversed,
        ) { key, entry in
            scannedCount += 1
            evaluatedBytes += entry.sizeBytes
            if needsItems {
                let image = try fetch(key, context)
                try image.withUnsafeBytes { try add($0) }
            } else {
                try add(entry.image)
            }
            return goesOn(after: key)
        }
    }

    /// The item of an entry, from the table.
    private mutating func fetch(
        _ key: UnsafeRawBufferPointer,
        _ context: ReadContext,
    ) throws -> [UInt8] {
        guard let (_, count) = IndexKey.decode(key, source.schema),
            let item = try context.image(of: source.table, at: [UInt8](key[count...]))
        else { throw ItemKeyError.malformed }
        fetchedBytes += item.sizeBytes
        fetched += .read(bytes: item.sizeBytes, consistent: true)
        return item.bytes
    }

    /// All that counts towards the page's size.
    var readBytes: Int { evaluatedBytes + fetchedBytes }

    private mutating func goesOn(after key: UnsafeRawBufferPointer) -> Bool {
        guard isFull else { return true }
        cutKey = [UInt8](key)
        return false
    }

    private var isFull: Bool {
        if let limit = wish.limit, scannedCount >= limit { return true }
        if tombstonesPassed >= wish.tombstonesMax { return true }
        return readBytes > wish.evaluatedBytesMax
    }

    /// The stored form is read only for a filter or a projection.
    private mutating func add(_ image: UnsafeRawBufferPointer) throws {
        guard wish.filter != nil || (wish.showsItems && wish.projection != nil) else {
            count += 1
            return show(image)
        }
        let item = try Item(decoding: image)
        if let filter = wish.filter, !filter.isTrue(of: item) { return }
        count += 1
        guard wish.showsItems else { return }
        if let projection = wish.projection {
            projected.append(.item(projection.project(item)))
        } else {
            show(image)
        }
    }

    private mutating func show(_ image: UnsafeRawBufferPointer) {
        guard wish.showsItems else { return }
        if imageEnds.count == 1 {
            images.reserveCapacity(Self.imageBytesReserved)
            imageEnds.reserveCapacity(Self.imagesReserved)
        }
        images.append(contentsOf: image.bindMemory(to: UInt8.self))
        imageEnds.append(images.count)
    }
}
