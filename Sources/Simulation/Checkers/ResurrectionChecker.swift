import Changes
import Engine

/// Invariant 6: a deleted item returns only by a write that had not seen the delete and won, on
/// record, or one made after it.
enum ResurrectionChecker {
    static func check(_ item: Ledger.Item, _ scene: Scene) throws {
        guard let table = scene.engine.catalog[id: item.table],
            let expected = scene.model.version(item.table, item.key), expected.isTombstone,
            let row = try scene.row(table, item.key), !row.isTombstone
        else { return }
        throw BrokenInvariant(
            "NoResurrection",
            "\(scene.name): \(table.name) \(shown(item.key)) is back as \(row.stamp) after its "
                + "delete \(expected.stamp)",
        )
    }

    /// No item lives that the model does not know, in a whole table.
    static func checkTable(_ table: Table, _ scene: Scene) throws {
        for row in try scene.rows(of: table) {
            let item = Ledger.Item(table: table.id, key: row.key)
            try check(item, scene)
            try LossChecker.check(item, scene)
        }
    }
}
