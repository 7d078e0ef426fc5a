import Engine
import Items
import Wire

/// Makes the clients' requests: writes of every kind to a few hot keys of two tables.
///
/// Every image carries the number of its operation, so no two writes store the same bytes.
struct Workload {
    static let tableNames = ["orders", "stock"]

    private var lastID = 0
    /// Seconds of virtual time.
    var nowSeconds = 0
    let keyCount: Int

    init(keyCount: Int) {
        self.keyCount = keyCount
    }

    mutating func next(_ random: inout SimulationRandom) -> WorkOperation {
        let table = random.pick(Workload.tableNames)
        let key = random.below(keyCount)
        switch random.below(100) {
        case 0..<30: return put(table, key, isConditional: false, &random)
        case 30..<42: return put(table, key, isConditional: true, &random)
        case 42..<62: return update(table, key, &random)
        case 62..<80: return delete(table, key)
        case 80..<88: return batch(table, &random)
        default: return transaction(&random)
        }
    }

    mutating func createTable(_ name: String) -> WorkOperation {
        var request = WorkTables.creation(of: name)
        // The other table has no stream before it is global.
        if name == Workload.tableNames[0] { request.streamViewType = .newAndOldImages }
        return operation("create \(name)", .createTable(request), nil)
    }

    /// Makes an index that the table has not, or removes one.
    mutating func changeIndexes(
        of table: Table,
        _ random: inout SimulationRandom,
    ) -> WorkOperation {
        let index = random.pick(WorkTables.indexes)
        let isThere = table.index(named: index.name) != nil
        let update: GlobalIndexUpdate =
            isThere ? .delete(name: index.name) : .create(GlobalIndex(index: index))
        let request = UpdateTableRequest(tableName: table.name, indexUpdates: [update])
        let verb = isThere ? "remove" : "add"
        return operation("\(verb) \(table.name) \(index.name)", .updateTable(request), nil)
    }

    mutating func addReplicas(_ table: String, _ regions: [String]) -> WorkOperation {
        let request = UpdateTableRequest(
            tableName: table,
            replicaUpdates: regions.map { .create(region: $0) },
        )
        return operation(
            "add \(table) \(regions.joined(separator: "+"))",
            .updateTable(request),
            nil,
        )
    }

    mutating func removeReplica(_ table: String, _ region: String) -> WorkOperation {
        let request = UpdateTableRequest(
            tableName: table,
            replicaUpdates: [.delete(region: region)]
        )
        return operation("remove \(table) \(region)", .updateTable(request), nil)
    }

    mutating func setTimeToLive(_ table: String, isEnabled: Bool) -> WorkOperation {
        let request = UpdateTimeToLiveRequest(
            tableName: table,
            specification: TimeToLiveSpecification(isEnabled: isEnabled, attributeName: "x"),
        )
        let verb = isEnabled ? "expire" : "keep"
        return operation("\(verb) \(table)", .updateTimeToLive(request), nil)
    }

    private mutating func put(
        _ table: String,
        _ key: Int,
        isConditional: Bool,
        _ random: inout SimulationRandom,
    ) -> WorkOperation {
        var item = item(table, key, &random)
        if random.chance(Workload.expiryChance) { item["x"] = expiry(&random) }
        var request = PutItemRequest(tableName: table, item: item)
        if isConditional { request.condition = "attribute_not_exists(p)" }
        guard let prepared = try? PreparedPutItem(request) else {
            preconditionFailure("a good put")
        }
        let verb = isConditional ? "put-new" : "put"
        return operation("\(verb) \(table) k\(key)", .put(prepared), 1)
    }

    private mutating func update(
        _ table: String,
        _ key: Int,
        _ random: inout SimulationRandom,
    ) -> WorkOperation {
        var request = UpdateItemRequest(
            tableName: table,
            key: WorkTables.key(table, key),
            update: "ADD n :one SET v = :v",
            values: [(":one", .number(DecimalNumber(1))), (":v", value)],
        )
        var update = "ADD n :one SET v = :v"
        if random.chance(Workload.expiryChance) {
            update += ", x = :x"
            request.values?.append((":x", expiry(&random)))
        }
        if random.chance(400) {
            update += ", g = :g"
            request.values?.append((":g", .string(Text("g\(random.below(3))"))))
        } else if random.chance(200) {
            update += " REMOVE g"
        }
        request.update = update
        guard let prepared = try? PreparedUpdateItem(request) else {
            preconditionFailure("a good update")
        }
        return operation("update \(table) k\(key)", .update(prepared), 1)
    }

    private mutating func delete(_ table: String, _ key: Int) -> WorkOperation {
        let request = DeleteItemRequest(tableName: table, key: WorkTables.key(table, key))
        guard let prepared = try? PreparedDeleteItem(request) else {
            preconditionFailure("a good delete")
        }
        return operation("delete \(table) k\(key)", .delete(prepared), 1)
    }

    private mutating func batch(
        _ table: String,
        _ random: inout SimulationRandom,
    ) -> WorkOperation {
        let first = random.below(keyCount)
        let count = min(keyCount, 2 + random.below(2))
        var writes: [BatchWrite] = []
        for offset in 0..<count {
            let key = (first + offset) % keyCount
            writes.append(
                random.chance(700)
                    ? .put(item: item(table, key, &random))
                    : .delete(key: WorkTables.key(table, key))
            )
        }
        let request = BatchWriteItemRequest(tables: [TableWrites(tableName: table, writes: writes)])
        guard let prepared = try? PreparedBatchWriteItem(request) else {
            preconditionFailure("a good batch")
        }
        return operation("batch \(table) k\(first)+\(count)", .batch(prepared), count)
    }

    private mutating func transaction(_ random: inout SimulationRandom) -> WorkOperation {
        let key = random.below(keyCount)
        var actions: [TransactWrite] = []
        let tables = random.chance(700) ? Workload.tableNames : [random.pick(Workload.tableNames)]
        for table in tables {
            for offset in 0...1 where offset == 0 || random.chance(500) {
                let key = (key + offset) % keyCount
                actions.append(
                    TransactWrite(
                        tableName: table,
                        kind: random.chance(750)
                            ? .put(item: item(table, key, &random))
                            : .delete(key: WorkTables.key(table, key)),
                    )
                )
            }
        }
        let request = TransactWriteItemsRequest(
            actions: actions,
            clientRequestToken: "t\(lastID)",
        )
        guard let prepared = try? PreparedTransactWriteItems(request) else {
            preconditionFailure("a good transaction")
        }
        let names = tables.joined(separator: "+")
        return operation("transact \(names) k\(key)", .transaction(prepared), actions.count)
    }

    private mutating func operation(
        _ text: String,
        _ work: WorkOperation.Work,
        _ changeCount: Int?,
    ) -> WorkOperation {
        lastID += 1
        return WorkOperation(id: lastID, text: text, work: work, changeCount: changeCount)
    }

    /// How many puts and updates say when the item expires, in thousandths.
    private static let expiryChance = 500

    /// A time around the present one, or at any time from now: some items are expired when they are
    /// written, others expire in quiet, or never within the run.
    private func expiry(_ random: inout SimulationRandom) -> AttributeValue {
        let now = Int(VirtualClock.epochMilliseconds / 1_000) + nowSeconds
        let later = random.chance(700) ? random.below(14) : random.below(700)
        return .number(DecimalNumber(now - 2 + later))
    }

    /// Holds the number of the operation about to be made.
    private var value: AttributeValue { .number(DecimalNumber(lastID + 1)) }

    private func item(
        _ table: String,
        _ key: Int,
        _ random: inout SimulationRandom,
    ) -> Item {
        var item = WorkTables.key(table, key)
        item["v"] = value
        item["g"] = WorkTables.grouping(&random)
        return item
    }
}
