import Engine
import Wire

/// One request of a simulated client.
struct WorkOperation {
    enum Work {
        case put(PreparedPutItem)
        case update(PreparedUpdateItem)
        case delete(PreparedDeleteItem)
        case batch(PreparedBatchWriteItem)
        case transaction(PreparedTransactWriteItems)
        case createTable(CreateTableRequest)
        case updateTable(UpdateTableRequest)
        case updateTimeToLive(UpdateTimeToLiveRequest)
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
        case .transaction(let transaction):
            _ = try group.perform { try transaction.perform(in: &$0) }
        case .createTable(let request):
            _ = try group.perform { try request.perform(in: &$0) }
        case .updateTable(let request):
            _ = try group.perform { try request.perform(in: &$0) }
        case .updateTimeToLive(let request):
            _ = try group.perform { try request.perform(in: &$0) }
        }
    }
}
