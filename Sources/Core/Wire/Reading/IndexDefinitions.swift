import Items

/// Makes indexes of what a request says of them, by the rules between its parameters.
struct IndexDefinitions {
    /// `AttributeDefinitions`, in the order of the request.
    let attributes: [TableSchema.KeyAttribute]

    // MARK: CreateTable

    /// Refuses definitions that no key uses, and keys that no definition is for; both come before
    /// all other rules on indexes.
    func checkUse(
        by table: TableSchema,
        _ local: [IndexPart]?,
        _ global: [IndexPart]?,
    ) throws(ServiceError) {
        let indexes = (local ?? []) + (global ?? [])
        for index in indexes { try checkDefined(index.keys) }
        var used: [Text] = []
        for name in table.keyAttributes.map(\.name) + indexes.flatMap({ $0.keys.map(\.name) })
        where !used.contains(name) {
            used.append(name)
        }
        // A table without indexes has a check of its own.
        guard local != nil || global != nil else { return }
        guard attributes.allSatisfy({ used.contains($0.name) }) else {
            throw .invalidParameters(
                "Some AttributeDefinitions are not used. "
                    + "AttributeDefinitions: \(listOfDefinitions), "
                    + "keys used: \(Self.list(used, places: HashOrder.usualPlaces))"
            )
        }
    }

    func localIndexes(
        _ parts: [IndexPart]?,
        of table: TableSchema,
        _ names: inout Set<String>,
    ) throws(ServiceError) -> [SecondaryIndex] {
        guard let parts else { return [] }
        guard !parts.isEmpty else {
            throw .invalidParameters("List of LocalSecondaryIndexes is empty")
        }
        guard table.sort != nil else {
            throw .invalidParameters(
                "Table KeySchema does not have a range key, which is required when specifying a "
                    + "LocalSecondaryIndex"
            )
        }
        var indexes: [SecondaryIndex] = []
        for part in parts {
            try TableSchema.checkRoles(part.keys)
            try checkLocalKeys(of: part, table)
            indexes.append(try index(part, &names))
        }
        guard indexes.count <= IndexLimits.localMax else {
            throw .invalidParameters(
                "Number of LocalSecondaryIndexes exceeds per-table limit of "
                    + "\(IndexLimits.localMax)"
            )
        }
        return indexes
    }

    func globalIndexes(
        _ parts: [IndexPart]?,
        _ mode: BillingMode,
        _ names: inout Set<String>,
    ) throws(ServiceError) -> [GlobalIndex] {
        guard let parts else { return [] }
        guard !parts.isEmpty else {
            throw .invalidParameters("List of GlobalSecondaryIndexes is empty")
        }
        var indexes: [GlobalIndex] = []
        for part in parts {
            try Self.checkGlobalKeys(part.keys)
            try Self.checkThroughput(of: part, mode)
            try part.capacity.check(ofNew: part.name, mode: mode)
            indexes.append(GlobalIndex(index: try index(part, &names), capacity: part.capacity))
        }
        guard indexes.count <= IndexLimits.globalMax else {
            throw .invalidParameters(
                "GlobalSecondaryIndex count exceeds the per-table limit of "
                    + "\(IndexLimits.globalMax)"
            )
        }
        return indexes
    }

    /// Refuses more projected attributes than a table's indexes may have together.
    static func checkProjected(_ indexes: [SecondaryIndex]) throws(ServiceError) {
        let count = indexes.reduce(0) { $0 + $1.projection.nonKeyAttributes.count }
        guard count <= IndexLimits.projectedAttributesMax else {
            throw .tooManyProjectedAttributes
        }
    }

    // MARK: UpdateTable

    /// The updates that the elements of `GlobalSecondaryIndexUpdates` ask for, each index once.
    func updates(_ elements: [[IndexAction]]) throws(ServiceError) -> [GlobalIndexUpdate] {
        var updates: [GlobalIndexUpdate] = []
        var names: Set<String> = []
        for actions in elements {
            guard let action = actions.first else {
                throw .invalidParameters(
                    "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                        + "GlobalSecondaryIndexUpdate.Delete must not be null"
                )
            }
            guard actions.count == 1 else {
                throw .invalidParameters(
                    "Only one global secondary index action is allowed per "
                        + "GlobalSecondaryIndexUpdate object"
                )
            }
            guard names.insert(action.indexName).inserted else {
                throw .invalidParameters(
                    "Only one global secondary index update per index is allowed simultaneously. "
                        + "Index: \(action.indexName)"
                )
            }
            updates.append(try update(action))
        }
        return updates
    }

    private func update(_ action: IndexAction) throws(ServiceError) -> GlobalIndexUpdate {
        switch action {
        case .update(let name, var capacity):
            guard capacity.warm?.isEmpty != true else {
                throw .invalidParameters(
                    "WarmThroughput must have at least one of ReadUnitsPerSecond or "
                        + "WriteUnitsPerSecond specified for index: \(name)"
                )
            }
            if capacity.onDemand?.isEmpty == true { capacity.onDemand = nil }
            return .update(name: name, capacity: capacity)
        case .delete(let name): return .delete(name: name)
        case .create(let part):
            guard !attributes.isEmpty else {
                throw .invalidParameters(
                    "AttributeDefinitions is not specified for index: \(part.name)"
                )
            }
            try checkDefined(part.keys)
            try Self.checkGlobalKeys(part.keys)
            var names: Set<String> = []
            let index = try index(part, &names)
            return .create(GlobalIndex(index: index, capacity: part.capacity))
        }
    }

    // MARK: Parts of one index

    private func index(
        _ part: IndexPart,
        _ names: inout Set<String>,
    ) throws(ServiceError) -> SecondaryIndex {
        let projection = try Self.projection(part)
        guard names.insert(part.name).inserted else {
            throw .invalidParameters("Duplicate index name: \(part.name)")
        }
        func keys(_ role: KeyType) -> [TableSchema.KeyAttribute] {
            part.keys.filter { $0.role == role }.compactMap { key in
                attributes.first { $0.name == key.name }
            }
        }
        return SecondaryIndex(
            name: part.name,
            schema: IndexSchema(partition: keys(.hash), sort: keys(.range)),
            projection: projection,
        )
    }

    private static func projection(_ part: IndexPart) throws(ServiceError) -> IndexProjection {
        guard let type = part.projectionType else {
            throw .invalidParameters("Unknown ProjectionType: null")
        }
        guard let names = part.nonKeyAttributes else {
            guard type != .include else {
                throw .invalidParameters(
                    "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
                )
            }
            return IndexProjection(type: type)
        }
        guard type == .include else {
            throw .invalidParameters(
                "ProjectionType is \(type.rawValue), but NonKeyAttributes is specified"
            )
        }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw .invalidParameters("Duplicate element in NonKeyAttributes: \(name)")
        }
        return IndexProjection(type: type, nonKeyAttributes: names.sorted())
    }

    private func checkDefined(_ keys: [KeySchemaElement]) throws(ServiceError) {
        guard keys.allSatisfy({ key in attributes.contains { $0.name == key.name } }) else {
            throw .invalidParameters(
                "Some index key attributes are not defined in AttributeDefinitions. "
                    + "Keys: \(Self.list(keys.map(\.name), places: HashOrder.usualPlaces)), "
                    + "AttributeDefinitions: \(listOfDefinitions)"
            )
        }
    }

    private func checkLocalKeys(of part: IndexPart, _ table: TableSchema) throws(ServiceError) {
        guard part.keys.count > 1 else {
            throw .invalidParameters(
                "Index KeySchema does not have a range key for index: \(part.name)"
            )
        }
        guard part.keys[0].name == table.partition.name else {
            throw .invalidParameters(
                "Index KeySchema does not have the same leading hash key as table KeySchema for "
                    + "index: \(part.name). index hash key: \(part.keys[0].name), "
                    + "table hash key: \(table.partition.name)"
            )
        }
    }

    private static func checkGlobalKeys(_ keys: [KeySchemaElement]) throws(ServiceError) {
        guard let first = keys.first, first.role == .hash else { throw TableSchema.hashMissing }
        if keys.count == 2, keys[1].role == .range { try TableSchema.checkRoles(keys) }
        let hashCount = keys.prefix { $0.role == .hash }.count
        guard keys[hashCount...].allSatisfy({ $0.role == .range }) else {
            throw .invalidParameters(
                "All HASH key attributes must precede RANGE key attributes in the KeySchema"
            )
        }
        guard hashCount <= IndexSchema.partitionAttributesMax else { throw tooMany(.hash) }
        guard keys.count - hashCount <= IndexSchema.sortAttributesMax else {
            throw tooMany(.range)
        }
        guard Set(keys.map(\.name)).count == keys.count else {
            throw .validation("The KeySchema contains multiple key attributes with the same name")
        }
    }

    private static func tooMany(_ role: KeyType) -> ServiceError {
        .invalidParameters(
            "The KeySchema exceeds the maximum allowed number of \(role.rawValue) key attributes"
        )
    }

    private static func checkThroughput(
        of part: IndexPart,
        _ mode: BillingMode,
    ) throws(ServiceError) {
        switch (mode, part.capacity.throughput) {
        case (.payPerRequest, .some):
            throw .invalidParameters(
                "ProvisionedThroughput should not be specified for index: \(part.name) when "
                    + "BillingMode is PAY_PER_REQUEST"
            )
        case (.provisioned, nil):
            throw .invalidParameters(
                "ProvisionedThroughput is not specified for index: \(part.name)"
            )
        case (.payPerRequest, nil), (.provisioned, .some): return
        }
    }

    private var listOfDefinitions: String {
        Self.list(attributes.map(\.name), places: attributes.count)
    }

    private static func list(_ names: [Text], places: Int) -> String {
        let names = HashOrder.ordered(names.map(\.string), places: places)
        return "[\(names.joined(separator: ", "))]"
    }
}

extension IndexAction {
    fileprivate var indexName: String {
        switch self {
        case .create(let part): part.name
        case .update(let name, _), .delete(let name): name
        }
    }
}
