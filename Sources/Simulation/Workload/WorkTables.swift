import Items
import Wire

/// The tables of the simulated clients, and what their items look like.
///
/// The items of `orders` lie each in a partition of its own; those of `stock` share two, and have a
/// local index. Of both, `g` is the attribute that global indexes, made and removed in the course of
/// a run, find them by.
enum WorkTables {
    /// The global indexes that a table may have.
    static let indexes = [
        SecondaryIndex(
            name: "by-g",
            schema: IndexSchema(partition: [attribute("g", .string)]),
            projection: IndexProjection(type: .all),
        ),
        SecondaryIndex(
            name: "by-g-v",
            schema: IndexSchema(
                partition: [attribute("g", .string)],
                sort: [attribute("v", .number), attribute("p", .string)],
            ),
            projection: IndexProjection(type: .include, nonKeyAttributes: ["n"]),
        ),
    ]

    static func creation(of name: String) -> CreateTableRequest {
        let partition = attribute("p", .string)
        guard hasSort(name) else {
            return CreateTableRequest(
                tableName: name,
                attributeDefinitions: [partition],
                schema: TableSchema(partition: partition, sort: nil),
                globalIndexes: [GlobalIndex(index: indexes[0])],
            )
        }
        let sort = attribute("c", .string)
        let local = SecondaryIndex(
            name: "local",
            schema: IndexSchema(partition: [partition], sort: [attribute("n", .number)]),
            projection: IndexProjection(type: .keysOnly),
        )
        return CreateTableRequest(
            tableName: name,
            attributeDefinitions: [partition, sort, attribute("n", .number)],
            schema: TableSchema(partition: partition, sort: sort),
            localIndexes: [local],
        )
    }

    static func key(_ table: String, _ key: Int) -> Item {
        guard hasSort(table) else { return Item([.init("p", .string(Text("k\(key)")))]) }
        return Item([
            .init("p", .string(Text("p\(key % 2)"))), .init("c", .string(Text("c\(key)"))),
        ])
    }

    /// A value of `g`: mostly a key of the indexes, sometimes none, or one that cannot be a key; a
    /// region that has an index refuses that, and takes it from one that has not.
    static func grouping(_ random: inout SimulationRandom) -> AttributeValue? {
        switch random.below(10) {
        case 0..<7: .string(Text("g\(random.below(3))"))
        case 7: .number(DecimalNumber(random.below(3)))
        case 8: .string("")
        default: nil
        }
    }

    private static func hasSort(_ table: String) -> Bool { table == "stock" }

    private static func attribute(
        _ name: Text,
        _ type: TableSchema.KeyType,
    ) -> TableSchema.KeyAttribute {
        TableSchema.KeyAttribute(name: name, type: type)
    }
}
