import Items
import Wire

/// What a read of one item needs of its table: where its rows are, and how a key becomes one.
///
/// A reference, because a `Table` has much more, and to take a copy of one costs a read of an item as
/// much as to find the item.
package final class KeyedTable: Sendable {
    let number: UInt32
    private let schema: TableSchema

    init(number: UInt32, schema: TableSchema) {
        self.number = number
        self.schema = schema
    }

    /// The key in `Keyspace.items` of the row that `key` names, which has the key attributes and no
    /// others: what `Table.row` makes of `Table.key(named:)`.
    func row(named key: Item) throws(ServiceError) -> [UInt8] {
        var row: [UInt8] = []
        row.reserveCapacity(Self.usualBytes)
        withUnsafeBytes(of: number.bigEndian) { row.append(contentsOf: $0) }
        do throws(ItemKeyError) {
            try ItemKey.append(key: key, schema: schema, to: &row)
        } catch {
            throw KeyValidation.keyError(error)
        }
        return row
    }

    /// Room for most keys, made at once.
    private static let usualBytes = 192
}
