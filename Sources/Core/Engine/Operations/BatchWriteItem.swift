package import Wire

import Changes
import Items

/// A `BatchWriteItem` that needs nothing but the store.
///
/// A batch is no transaction: each write has a time of its own and stands or falls alone. But all of
/// them are checked before the first is made, so that a bad one refuses the whole batch. Hence two
/// steps: `checked` with any context, then `perform` of each write, each in a context of its own.
package struct PreparedBatchWriteItem: Sendable {
    private let request: BatchWriteItemRequest
    /// The items to be put, encoded, in the order of the request; nil for a delete.
    private let encoded: [[EncodedItem?]]

    package init(_ request: BatchWriteItemRequest) throws(ServiceError) {
        self.request = request
        var encoded: [[EncodedItem?]] = []
        for table in request.tables {
            var items: [EncodedItem?] = []
            for write in table.writes {
                switch write {
                case .put(let item): items.append(try EncodedItem(item))
                case .delete: items.append(nil)
                }
            }
            encoded.append(items)
        }
        self.encoded = encoded
    }

    /// The single writes, in the order of the request, with their tables and keys in order.
    package func checked(
        in context: borrowing WriteContext
    ) throws(ServiceError) -> [SingleWrite] {
        var writes: [SingleWrite] = []
        for (index, part) in request.tables.enumerated() {
            let table = try context.table(part.tableName)
            var keys: Set<[UInt8]> = []
            for (write, item) in zip(part.writes, encoded[index]) {
                let (key, keyItem): ([UInt8], Item) =
                    switch write {
                    case .put(let item): (try table.key(ofBatchItem: item), item)
                    case .delete(let key): (try table.key(named: key), key)
                    }
                if case .put(let item) = write, let fault = table.indexKeyFault(in: item) {
                    throw fault.itemError
                }
                guard keys.insert(key).inserted else { throw .duplicateKeys }
                writes.append(
                    SingleWrite(part: index, table: table, key: key, keyItem: keyItem, item: item)
                )
            }
        }
        return writes
    }

    /// The answer, where `consumed` is what each of the writes that `checked` gave used, in order.
    package func response(
        _ writes: [SingleWrite],
        consumed: [SingleWrite.Use],
    ) -> BatchWriteItemResponse {
        var totals = request.tables.map { _ in CapacitySum() }
        var collections = TouchedCollections()
        for (write, use) in zip(writes, consumed) {
            totals[write.part].add(use.units, use.effects)
            collections.add(
                write.table.collection(
                    request.returnItemCollectionMetrics,
                    of: write.keyItem,
                    use.effects,
                ),
                of: request.tables[write.part].tableName,
            )
        }
        return BatchWriteItemResponse(
            consumedCapacity: zip(request.tables, totals).compactMap { table, total in
                total.told(request.returnConsumedCapacity, tableName: table.tableName)
            },
            itemCollectionMetrics: collections.tables,
        )
    }
}

/// One put or delete of a batch, ready to be made.
package struct SingleWrite: Sendable {
    /// Which table of the request it belongs to.
    fileprivate let part: Int
    fileprivate let table: Table
    fileprivate let key: [UInt8]
    /// Has the key attributes, and perhaps others.
    fileprivate let keyItem: Item
    /// Nil for a delete.
    fileprivate let item: EncodedItem?

    /// What a write used of its table, and did beside.
    package struct Use: Sendable {
        fileprivate let units: CapacityUnits
        fileprivate let effects: WriteEffects
    }

    /// Makes the write and says what it used.
    package func perform(in context: inout WriteContext) throws -> Use {
        let current = try context.version(of: table, at: key)
        let sizeBytes = item?.sizeBytes ?? 0
        try context.checkCollection(
            of: table,
            at: key,
            image: item?.image,
            sizeBytes: sizeBytes,
            over: current,
        )
        let effects = try context.write(
            item?.image,
            sizeBytes: sizeBytes,
            to: table,
            at: key,
            over: current,
        )
        let units = CapacityUnits.write(bytes: max(sizeBytes, current?.sizeBytes ?? 0))
        return Use(units: units, effects: effects)
    }
}
