import Changes
import Items

/// A fence as an item of the system table, beside the descriptions of tables: `fences` stands where
/// those have a table's id, so whoever knows nothing of fences passes it over.
enum FenceItem {
    /// What the partition key says.
    static let partition = "fences"

    static func key(_ region: String) -> Item {
        Item([
            .init("table", .string(Text(partition))),
            .init("part", .string(Text(part(region)))),
        ])
    }

    private static func part(_ region: String) -> String { "fence#\(region)" }

    static func item(_ fence: Fence) -> Item {
        var item = key(fence.region)
        item["fence"] = .binary(fence.encoded())
        return item
    }

    /// Nil for an item that is no fence of the region its key names.
    ///
    /// - Throws: for a fence in a form that is not known here.
    static func fence(_ item: Item) throws(MalformedBytes) -> Fence? {
        guard case .binary(let bytes) = item["fence"] else { return nil }
        let fence = try Fence(decoding: bytes)
        return item.text("part") == part(fence.region) ? fence : nil
    }
}
