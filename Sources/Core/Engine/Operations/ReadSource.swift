import Expressions
import Items
import Wire

/// What a Query, a Scan or a statement reads: a table, or one of its indexes.
struct ReadSource {
    let table: Table
    /// Nil for the table itself.
    let index: TableIndex?

    init(_ table: Table) {
        self.table = table
        index = nil
    }

    /// The index of that name, if it can be read; nil names the table itself.
    init(
        _ table: Table,
        index name: String?,
        consistentRead: Bool,
    ) throws(ServiceError) {
        self.table = table
        guard let name else {
            index = nil
            return
        }
        guard let index = table.index(named: name) else { throw .indexNotFound(name) }
        if consistentRead, !index.isLocal { throw .consistentReadOfGlobalIndex }
        guard index.isActive else { throw .indexBackfilling(name) }
        self.index = index
    }

    var schema: IndexSchema { index?.schema ?? IndexSchema(table.schema) }

    /// The attributes of a start key: those of the index, and the table's where they are others.
    private var startKeyNames: [Text] {
        var names = schema.keyAttributes.map(\.name)
        for name in table.schema.keyAttributes.map(\.name) where !names.contains(name) {
            names.append(name)
        }
        return names
    }

    // MARK: Start keys

    /// Refuses a start key with more or fewer attributes than the keys have.
    func checkCount(ofStart key: Item) throws(ServiceError) {
        guard key.count == startKeyNames.count else { throw .startKeyInvalid }
    }

    /// Refuses a start key without some of the attributes that are read by, or with other types.
    func check(
        _ attributes: [TableSchema.KeyAttribute],
        ofStart key: Item,
    ) throws(ServiceError) {
        for attribute in attributes {
            guard let value = key[attribute.name] else { throw .startKeyInvalid }
            guard AttributeTypeName(of: value).rawValue == attribute.type.rawValue else {
                throw .keyMismatch
            }
        }
    }

    /// The key bytes that a start key names.
    func key(ofStart key: Item) throws(ServiceError) -> [UInt8] {
        guard index != nil else { return try table.key(ofStart: key) }
        let place: [UInt8]
        do throws(ItemKeyError) {
            place = try IndexKey.bytes(of: key, schema)
        } catch {
            throw KeyValidation.keyError(error)
        }
        do throws(ItemKeyError) {
            return try place + ItemKey(schema: table.schema, item: key).bytes
        } catch {
            throw .invalidStartKey(KeyValidation.keyError(error).message)
        }
    }

    /// Key bytes as the start key of the next page.
    func startKey(_ bytes: [UInt8]) throws(ItemKeyError) -> Item {
        guard index != nil else {
            return try ItemKey(stored: bytes).keyItem(schema: table.schema)
        }
        guard let (indexKey, count) = bytes.withUnsafeBytes({ IndexKey.decode($0, schema) }) else {
            throw .malformed
        }
        let itemKey = try ItemKey(stored: Array(bytes[count...])).keyItem(schema: table.schema)
        return Item(indexKey.attributes + itemKey.attributes)
    }

    // MARK: What it can give

    /// Refuses to show all attributes of what a global index holds in part; a local one has them
    /// fetched from the table.
    func check(_ select: Select?) throws(ServiceError) {
        guard let index, !index.isLocal, index.projected != nil else { return }
        if select == .allAttributes { throw .indexWithoutAllAttributes(index.name) }
    }

    /// Refuses attributes that a global index does not hold.
    func checkHeld(
        filter: ConditionExpression?,
        projection: ProjectionExpression?,
    ) throws(ServiceError) {
        guard let index, !index.isLocal, let projected = index.projected else { return }
        var missing: [Text] = []
        let named = (projection?.paths.map(\.head) ?? []) + (filter?.topLevelNames ?? [])
        for name in named where !projected.contains(name) && !missing.contains(name) {
            missing.append(name)
        }
        guard missing.isEmpty else { throw .notProjected(missing, by: index.name) }
    }

    /// Whether items are to be fetched from the table, because entries do not hold what is wanted.
    func needsItems(for wish: Page.Wish) -> Bool {
        guard let index, let projected = index.projected else { return false }
        if wish.showsAllAttributes { return true }
        var named = wish.projection?.topLevelNames ?? []
        if !wish.filtersEntries { named += wish.filter?.topLevelNames ?? [] }
        return named.contains { !projected.contains($0) }
    }
}
