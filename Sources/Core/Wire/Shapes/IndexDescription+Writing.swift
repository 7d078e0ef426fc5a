import Items
import JSON

extension IndexDescription {
    /// `tableARN` is what the index's own begins with.
    func write(of tableARN: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("IndexName", index.name)
        writeKeySchema(to: &writer)
        index.projection.write(to: &writer)
        if let global {
            writer.member("IndexStatus", global.status.rawValue)
            if let isBackfilling = global.isBackfilling {
                writer.member("Backfilling", isBackfilling)
            }
            writer.name("ProvisionedThroughput")
            global.throughput.write(to: &writer)
            if let onDemand = global.onDemand {
                writer.name("OnDemandThroughput")
                onDemand.write(to: &writer)
            }
            writer.name("WarmThroughput")
            global.warm.write(to: &writer)
        }
        writer.member("IndexSizeBytes", sizeBytes)
        writer.member("ItemCount", itemCount)
        writer.member("IndexArn", "\(tableARN)/index/\(index.name)")
        writer.endObject()
    }

    private func writeKeySchema(to writer: inout JSONWriter) {
        writer.name("KeySchema")
        writer.beginArray()
        let keys =
            index.schema.partition.map { ($0, KeyType.hash) }
            + index.schema.sort.map { ($0, KeyType.range) }
        for (attribute, role) in keys {
            writer.beginObject()
            writer.member("AttributeName", attribute.name.string)
            writer.member("KeyType", role.rawValue)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension IndexProjection {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.name("Projection")
        writer.beginObject()
        writer.member("ProjectionType", type.rawValue)
        if !nonKeyAttributes.isEmpty {
            writer.name("NonKeyAttributes")
            writer.beginArray()
            for name in nonKeyAttributes { writer.string(name.string) }
            writer.endArray()
        }
        writer.endObject()
    }
}
