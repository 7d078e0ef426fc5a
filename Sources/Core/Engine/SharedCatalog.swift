/// A catalog that many readers hold by one reference: a copy of the value has half a dozen.
package final class SharedCatalog: Sendable {
    package let catalog: TableCatalog
    private let keyed: [String: KeyedTable]

    package init(_ catalog: TableCatalog) {
        self.catalog = catalog
        keyed = catalog.keyed
    }

    /// What a read of one item needs of a table.
    ///
    /// Nil for a table that is called by its ARN, and for one that applications may not read: there
    /// `TableCatalog.servingTable` says what is so.
    func keyedTable(_ name: String) -> KeyedTable? {
        keyed[name]
    }
}
