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
    /// Of the tables that the header names: nil of those whose changes are not looked at.
    private let schemas: [TableID: TableSchema?]
    /// For each change in order, whether it is plain and holds an item of its table.
    private let areItems: [Bool]

    /// A batch that nobody has looked at.
    package init(_ batch: ChangeBatch) {
        self.batch = batch
        schemas = [:]
        areItems = []
    }

    /// Looks at the changes to tables that may be merged plainly, as far as the bytes are changes.
    package init(_ batch: ChangeBatch, in catalog: TableCatalog) {
        self.batch = batch
        var schemas: [TableID: TableSchema?] = [:]
        // The header may name one again and again.
        for id in Set(batch.header.tables) {
            let table = catalog[id: id]
            schemas[id] = .some(table?.mergesPlainly == true ? table?.schema : nil)
        }
        self.schemas = schemas
        let hasPlain = schemas.values.contains { $0 != nil }
        areItems = hasPlain ? ScannedBatch.scan(batch, schemas) : []
    }

    /// Whether the change at this place is plain and holds an item of this schema; nil where that is not
    /// known.
    func isItem(at place: Int, of table: TableID, _ schema: TableSchema) -> Bool? {
        guard place < areItems.count, let known = schemas[table], known == schema else {
            return nil
        }
        return areItems[place]
    }

    private static func scan(
        _ batch: ChangeBatch,
        _ schemas: [TableID: TableSchema?],
    ) -> [Bool] {
        var areItems: [Bool] = []
        let count = min(batch.header.changes, batch.records.count / ChangeCoding.bytesMin)
        areItems.reserveCapacity(count)
        batch.records.withUnsafeBytes { records in
            batch.header.origin.withBytes { origin in
                var reader = ByteReader(records)
                // What is not framed, or of a table that the header does not name, is for the writer to
                // refuse.
                while areItems.count < count,
                    let framed = (try? ChangeCoding.next(&reader)) ?? nil,
                    let known = schemas[framed.table]
                {
                    let isItem = known.map { schema in
                        PlainChange(framed.bytes, origin: origin)?.isItem(of: schema) ?? false
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
