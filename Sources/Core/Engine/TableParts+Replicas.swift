import Causality
import Items
import Wire

/// A replica as an item of the system table.
extension TableParts.Replica {
    var item: Item {
        var item = Item([
            .init("region", .string(Text(region))),
            .init("status", .string(Text(status.rawValue))),
        ])
        if let statusDescription { item["description"] = .string(Text(statusDescription)) }
        if let afterRemoval { item["removal"] = .time(afterRemoval) }
        return item
    }

    init?(_ item: Item) {
        guard let region = item.text("region"),
            let status = item.text("status").flatMap(ReplicaStatus.init(rawValue:))
        else { return nil }
        self.init(
            region: region,
            status: status,
            statusDescription: item.text("description"),
        )
        afterRemoval = item["removal"].flatMap(HybridTime.init(value:))
    }
}
