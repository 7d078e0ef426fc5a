/// The key of a secondary index, or of a table seen as one: the attributes whose values make a
/// partition, then those that order it.
///
/// A table and a local index have one partition attribute and at most one sort attribute; a global
/// index has up to four of each.
package struct IndexSchema: Equatable, Sendable {
    package static let partitionAttributesMax = 4
    package static let sortAttributesMax = 4

    /// At least one.
    package var partition: [TableSchema.KeyAttribute]
    package var sort: [TableSchema.KeyAttribute]

    /// Whether the partition or the order in it is made of several attributes.
    package var hasSeveral: Bool { partition.count > 1 || sort.count > 1 }

    package init(partition: [TableSchema.KeyAttribute], sort: [TableSchema.KeyAttribute] = []) {
        precondition(!partition.isEmpty, "a key has a partition attribute")
        self.partition = partition
        self.sort = sort
    }

    package init(_ table: TableSchema) {
        self.init(partition: [table.partition], sort: table.sort.map { [$0] } ?? [])
    }

    /// In key order; no name twice.
    package var keyAttributes: [TableSchema.KeyAttribute] { partition + sort }

    package func contains(_ name: Text) -> Bool {
        partition.contains { $0.name == name } || sort.contains { $0.name == name }
    }
}
