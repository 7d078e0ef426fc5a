import Causality
package import Changes
import Items

/// A batch whose changes were looked at before the writer has it, beside the one that it is merging.
///
/// That a change's bytes are an item, with the key and the size that it says, depends on nothing but
/// them and the table's schema. To find out takes a third of the instructions that a plain change
/// costs, 6,800, and the writer is what a catch-up waits for.
///
/// **Invariant.** The writer does as it would have done alone: where the schema is another one by then,
/// it looks itself. `PlainMergeTests` hold both to the same stores.
package struct ScannedBatch: Sendable {
    package let batch: ChangeBatch
    private let schemas: [Known]
    /// For each change in order, whether it is plain and holds an item of its table.
    private let areItems: [Bool]

    private struct Known {
        let table: TableID
        let schema: TableSchema
    }

    /// A batch that nobody has looked at.
    package init(_ batch: ChangeBatch) {
        self.batch = batch
        schemas = []
        areItems = []
    }

    /// Looks at the changes to tables that may be merged plainly, as far as the bytes are changes.
    package init(_ batch: ChangeBatch, in catalog: TableCatalog) {
        self.batch = batch
        let schemas = batch.header.tables.compactMap { catalog[id: $0] }.filter(\.isPlain).map {
            Known(table: $0.id, schema: $0.schema)
        }
        self.schemas = schemas
        areItems = schemas.isEmpty ? [] : ScannedBatch.scan(batch, schemas)
    }

    /// Whether the change at this place is plain and holds an item of this schema; nil where that is not
    /// known.
    func isItem(at place: Int, of table: TableID, _ schema: TableSchema) -> Bool? {
        guard place < areItems.count,
            let known = schemas.first(where: { $0.table == table }), known.schema == schema
        else { return nil }
        return areItems[place]
    }

    private static func scan(_ batch: ChangeBatch, _ schemas: [Known]) -> [Bool] {
        var areItems: [Bool] = []
        let count = min(batch.header.changes, batch.records.count / ChangeCoding.bytesMin)
        areItems.reserveCapacity(count)
        batch.records.withUnsafeBytes { records in
            batch.header.origin.withBytes { origin in
                var reader = ByteReader(records)
                // What is not framed is for the writer to refuse.
                while let framed = (try? ChangeCoding.next(&reader)) ?? nil {
                    let known = schemas.first { $0.table == framed.table }
                    let isItem = known.map { known in
                        PlainChange(framed.bytes, origin: origin)?.isItem(of: known.schema) ?? false
                    }
                    areItems.append(isItem ?? false)
                }
            }
        }
        return areItems
    }
}

extension PlainChange {
    /// Whether its image is an item of its key and size.
    func isItem(of schema: TableSchema) -> Bool {
        StoredScan.isItem(image, at: key, of: schema, sizeBytes: sizeBytes)
    }
}
