import Changes
import Engine
import Items
import Wire

/// One request of a simulated client.
struct WorkOperation {
    enum Work {
        case put(PreparedPutItem)
        case update(PreparedUpdateItem)
        case delete(PreparedDeleteItem)
        case batch(PreparedBatchWriteItem)
        /// Writes to several tables in one operation, as a transaction would: one time for all.
        case transaction([TransactionWrite])
        case createTable(CreateTableRequest)
        case updateTable(UpdateTableRequest)
    }

    struct TransactionWrite {
        let table: String
        let key: Item
        /// Nil for a delete.
        let item: Item?
    }

    let id: Int
    let text: String
    let work: Work
    /// The number of changes that a success makes.
    let changeCount: Int?

    /// Runs the operation as part of a group.
    ///
    /// Throws `ServiceError` for one that is refused.
    func perform(in group: WriteGroup) throws {
        switch work {
        case .put(let put): _ = try group.perform { try put.perform(in: &$0) }
        case .update(let update): _ = try group.perform { try update.perform(in: &$0) }
        case .delete(let delete): _ = try group.perform { try delete.perform(in: &$0) }
        case .batch(let batch):
            let writes = try group.perform { try batch.checked(in: $0) }
            for write in writes { _ = try group.perform { try write.perform(in: &$0) } }
        case .transaction(let writes):
            try group.perform { try WorkOperation.perform(writes, in: &$0) }
        case .createTable(let request):
            _ = try group.perform { try request.perform(in: &$0) }
        case .updateTable(let request):
            _ = try group.perform { try request.perform(in: &$0) }
        }
    }

    private static func perform(
        _ writes: [TransactionWrite],
        in context: inout WriteContext,
    ) throws {
        var tables: [Table] = []
        for write in writes { tables.append(try context.table(write.table)) }
        for (write, table) in zip(writes, tables) {
            let key = try ItemKey(schema: table.schema, item: write.key).bytes
            let current = try context.version(of: table, at: key)
            try context.write(
                write.item?.encoded(),
                sizeBytes: write.item?.sizeBytes ?? 0,
                to: table,
                at: key,
                over: current,
            )
        }
    }
}
