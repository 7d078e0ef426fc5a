import Items
import JSON

extension OperationName {
    /// Which members of a body are items or keys that need no tree (`ItemPacking`); nil for none.
    ///
    /// What else lies under such a name at such a depth is no member that anybody asks for, or is
    /// refused as the object that it is. Batches have messages that show the JSON of their items.
    var packing: JSONPacking? {
        switch self {
        case .putItem: Self.putItemPacking
        case .updateItem, .deleteItem: Self.keyPacking
        case .transactWriteItems: Self.transactionPacking
        default: nil
        }
    }

    /// Of `{"Item": {…}}`.
    private static let putItemPacking =
        JSONPacking(depth: 1, names: ["Item"], pack: ItemPacking.pack)
    /// Of `{"Key": {…}}`.
    private static let keyPacking =
        JSONPacking(depth: 1, names: ["Key"], pack: ItemPacking.pack)
    /// Of `{"TransactItems": [{"Put": {"Item": {…}}}]}`.
    private static let transactionPacking =
        JSONPacking(depth: 4, names: ["Item", "Key"], pack: ItemPacking.pack)
}
