import Wire

/// What several writes used of one table and its indexes together.
struct CapacitySum {
    private var table = CapacityUnits.zero
    private var localIndexes: [ConsumedCapacity.IndexPart] = []
    private var globalIndexes: [ConsumedCapacity.IndexPart] = []

    mutating func add(_ units: CapacityUnits, _ effects: WriteEffects = WriteEffects()) {
        table += units
        Self.add(effects.localIndexes, to: &localIndexes)
        Self.add(effects.globalIndexes, to: &globalIndexes)
    }

    /// The same as part of a transaction, which reads or writes the items twice; what the indexes
    /// take does not change.
    var transactional: CapacitySum {
        var sum = self
        sum.table = table.transactional
        return sum
    }

    /// As the caller asked to be told.
    func told(
        _ shape: ReturnConsumedCapacity,
        tableName: String,
        kind: ConsumedCapacity.Kind? = nil,
    ) -> ConsumedCapacity? {
        ConsumedCapacity(
            shape,
            tableName: tableName,
            table: table,
            localIndexes: localIndexes,
            globalIndexes: globalIndexes,
            kind: kind,
        )
    }

    private static func add(
        _ parts: [ConsumedCapacity.IndexPart],
        to sum: inout [ConsumedCapacity.IndexPart],
    ) {
        for part in parts {
            if let place = sum.firstIndex(where: { $0.indexName == part.indexName }) {
                sum[place].units += part.units
            } else {
                sum.append(part)
            }
        }
    }
}

/// The item collections that several writes touched, of each table in the order in which it is
/// first touched.
struct TouchedCollections {
    private(set) var tables: [TableCollections] = []

    /// A collection touched twice is shown as it is after the last write.
    mutating func add(_ collection: ItemCollectionMetrics?, of tableName: String) {
        guard let collection else { return }
        guard let table = tables.firstIndex(where: { $0.tableName == tableName }) else {
            tables.append(TableCollections(tableName: tableName, collections: [collection]))
            return
        }
        let place = tables[table].collections.firstIndex { $0.key == collection.key }
        if let place {
            tables[table].collections[place] = collection
        } else {
            tables[table].collections.append(collection)
        }
    }
}
