import Expressions
import Items
import Wire

/// What of a request can be checked only against the table.
extension Table {
    /// The key bytes of an item to be stored, which may have any other attributes.
    func key(ofItem item: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, item: item).bytes
        } catch {
            throw KeyValidation.itemError(error)
        }
    }

    /// The same for an item of a batch, of which the service tells as of a key.
    func key(ofBatchItem item: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, item: item).bytes
        } catch {
            throw KeyValidation.keyError(error)
        }
    }

    /// The key bytes that a key names, which has the key attributes and no others.
    func key(named key: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, key: key).bytes
        } catch {
            throw KeyValidation.keyError(error)
        }
    }

    /// The key bytes that an `ExclusiveStartKey` names.
    func key(ofStart key: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, key: key).bytes
        } catch {
            throw .invalidStartKey(KeyValidation.keyError(error).message)
        }
    }

    /// Refuses paths into key attributes, of the table or of an index.
    func check(
        condition: ConditionExpression? = nil,
        projection: ProjectionExpression? = nil,
    ) throws(ServiceError) {
        guard condition != nil || projection != nil else { return }
        let indexKeys = indexKeyNames
        try ServiceError.from { () throws(ExpressionError) in
            try projection?.checkKeyPaths(of: schema)
            try projection?.checkIndexKeyPaths(indexKeys)
            try condition?.checkKeyPaths(of: schema)
            try condition?.checkIndexKeyPaths(indexKeys)
        }
    }

    /// Refuses an update that touches the key, or gives an index key a value it cannot have.
    func check(_ update: UpdateExpression) throws(ServiceError) {
        try ServiceError.from { () throws(ExpressionError) in
            try update.checkNoKeyAttributes(of: schema)
        }
        if let fault = indexKeyFault(in: update) { throw fault.literalError }
        let indexKeys = indexKeyNames
        try ServiceError.from { () throws(ExpressionError) in
            try update.checkIndexKeyPaths(indexKeys)
        }
    }

    /// The item collection of an item, if the caller asked for it and there is one.
    func collection(
        _ shape: ReturnItemCollectionMetrics,
        of key: Item,
        _ effects: WriteEffects,
    ) -> ItemCollectionMetrics? {
        guard shape == .size, let sizeBytes = effects.collectionBytes,
            let value = key[schema.partition.name]
        else { return nil }
        let name = schema.partition.name
        return ItemCollectionMetrics(key: Item([.init(name, value)]), sizeBytes: sizeBytes)
    }
}

extension ConsumedCapacity {
    /// What a write used of a table and of its indexes.
    init?(
        _ shape: ReturnConsumedCapacity,
        tableName: String,
        written bytes: Int,
        _ effects: WriteEffects,
    ) {
        self.init(
            shape,
            tableName: tableName,
            table: .write(bytes: bytes),
            localIndexes: effects.localIndexes,
            globalIndexes: effects.globalIndexes,
        )
    }
}
