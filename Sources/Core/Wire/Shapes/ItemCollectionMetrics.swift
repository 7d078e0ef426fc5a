package import Items
import JSON

/// The size of an item collection: the items of one partition key with their entries in local
/// indexes.
package struct ItemCollectionMetrics: Equatable, Sendable {
    /// The partition key's attribute and value.
    package var key: Item
    package var sizeBytes: Int64

    /// The size that a collection cannot grow beyond.
    package static let bytesMax: Int64 = 10 << 30

    package init(key: Item, sizeBytes: Int64) {
        self.key = key
        self.sizeBytes = sizeBytes
    }

    /// The whole gigabytes between which the size lies.
    private var rangeGigabytes: (from: Int64, to: Int64) {
        let whole = max(0, sizeBytes) >> 30
        return (whole, whole + 1)
    }
}

extension ItemCollectionMetrics {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ItemCollectionKey", key)
        writer.name("SizeEstimateRangeGB")
        writer.beginArray()
        writer.number(text: "\(rangeGigabytes.from).0")
        writer.number(text: "\(rangeGigabytes.to).0")
        writer.endArray()
        writer.endObject()
    }
}

/// The collections that a request with several writes touched in one table.
package struct TableCollections: Equatable, Sendable {
    package var tableName: String
    /// In the order in which they were first touched.
    package var collections: [ItemCollectionMetrics]

    package init(tableName: String, collections: [ItemCollectionMetrics]) {
        self.tableName = tableName
        self.collections = collections
    }
}

extension JSONWriter {
    mutating func member(_ name: StaticString, _ metrics: ItemCollectionMetrics?) {
        guard let metrics else { return }
        self.name(name)
        metrics.write(to: &self)
    }

    /// Left out if empty.
    mutating func member(_ name: StaticString, _ tables: [TableCollections]) {
        guard !tables.isEmpty else { return }
        self.name(name)
        beginObject()
        for table in tables {
            self.name(table.tableName)
            beginArray()
            for metrics in table.collections { metrics.write(to: &self) }
            endArray()
        }
        endObject()
    }
}
