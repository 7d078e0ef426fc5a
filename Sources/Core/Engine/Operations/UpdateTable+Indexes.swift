import Items
import Wire

/// What `UpdateTable` does to a table's global secondary indexes.
extension UpdateTableRequest {
    /// What the answer says otherwise than the description once the request is done.
    struct IndexAnswers {
        /// Indexes whose throughput changes: shown as it was, and as being updated.
        var updated: [TableParts.IndexPart] = []
        /// Indexes whose maxima change: shown as being updated.
        var limited: [Int64] = []
    }

    /// Checks the updates against the table and makes them in its description.
    func updateIndexes(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in table: Table,
        _ engine: RegionEngine,
        _ now: Int64,
    ) throws(ServiceError) -> IndexAnswers {
        var answers = IndexAnswers()
        if billingMode != nil || throughput != nil { try checkNoneDeleted(of: table) }
        try checkOnline(table)
        for update in indexUpdates {
            switch update {
            case .create(let index):
                try add(index, to: &parts, table, engine)
            case .update(let name, let capacity):
                let before = try find(name, to: "update", in: parts, table)
                try set(capacity, of: before, in: &parts, now)
                if capacity.throughput != nil { answers.updated.append(before) }
                if capacity.onDemand != nil { answers.limited.append(before.id) }
            case .delete(let name):
                _ = try find(name, to: "delete", in: parts, table)
                parts.globalIndexes.removeAll { $0.name == name }
            }
            changed.append(.index(name: update.indexName))
        }
        try followBilling(&parts, &changed, now)
        return answers
    }

    private func checkNoneDeleted(of table: Table) throws(ServiceError) {
        let names = table.state.indexes.entries.filter(\.isDeleting).map(\.name)
        guard names.isEmpty || billingMode == table.description.billing.mode && throughput == nil
        else { throw .throughputWhileIndexesGo(names, table: tableName) }
    }

    /// One index at a time is made or removed.
    private func checkOnline(_ table: Table) throws(ServiceError) {
        let online = indexUpdates.filter(\.isOnline)
        guard online.count <= 1 else { throw .oneOnlineIndexAtATime }
        guard let update = online.first, let other = table.state.indexes.changing else { return }
        // An index that is being built can be given up, once it has begun.
        if case .delete(let name) = update, name == other.name, !other.isDeleting {
            guard case .building(.some) = other.phase else {
                throw .indexBeingAllocated(name, table: tableName)
            }
            return
        }
        throw .oneOnlineIndexAtATime
    }

    private func add(
        _ index: GlobalIndex,
        to parts: inout TableParts,
        _ table: Table,
        _ engine: RegionEngine,
    ) throws(ServiceError) {
        guard !parts.indexes.contains(where: { $0.definition.name == index.index.name }) else {
            throw .indexExists
        }
        guard parts.globalIndexes.count < IndexLimits.globalMax else {
            throw .tooManyGlobalIndexes
        }
        let types = parts.attributeTypes
        for new in index.index.schema.keyAttributes {
            if let existing = types.first(where: { $0.name == new.name }), existing != new {
                throw .attributesRedefined(existing: existing, new: new)
            }
        }
        switch (parts.billing.mode, index.capacity.throughput) {
        case (.provisioned, nil): throw .newIndexThroughputMissing(index.index.name)
        case (.payPerRequest, .some):
            throw .newIndexThroughputWithPayPerRequest(index.index.name)
        case (.provisioned, .some), (.payPerRequest, nil): break
        }
        try index.capacity.check(ofNew: index.index.name, mode: parts.billing.mode)
        try parts.checkProjected(with: index)
        parts.append(index, id: engine.newIndexID())
    }

    private func find(
        _ name: String,
        to action: String,
        in parts: TableParts,
        _ table: Table,
    ) throws(ServiceError) -> TableParts.IndexPart {
        if let part = parts.globalIndex(name) { return part }
        guard !parts.definition.localIndexes.contains(where: { $0.name == name }) else {
            throw .indexNotGlobal(name, action: action)
        }
        if table.state.indexes.entries.contains(where: { $0.name == name && $0.isDeleting }) {
            throw .indexBeingDeleted(name, table: tableName)
        }
        throw .indexMissing(name, table: tableName)
    }

    private func set(
        _ capacity: IndexCapacity,
        of index: TableParts.IndexPart,
        in parts: inout TableParts,
        _ now: Int64,
    ) throws(ServiceError) {
        var changed = index
        guard capacity != IndexCapacity() else {
            throw parts.billing.mode == .provisioned
                ? .indexThroughputMissing(index.name) : .indexUpdateWithPayPerRequest(index.name)
        }
        if let throughput = capacity.throughput {
            guard parts.billing.mode == .provisioned else {
                throw .indexUpdateWithPayPerRequest(index.name)
            }
            guard throughput != index.definition.capacity.throughput else {
                throw .indexThroughputUnchanged(index.name, throughput)
            }
            if let old = changed.definition.capacity.throughput {
                try changed.changes.check(from: old, to: throughput, now: now)
            }
            changed.provision(throughput, now: now)
        }
        if let onDemand = capacity.onDemand {
            try onDemand.check(ofChanged: .index(index.name), mode: parts.billing.mode)
            let before = index.definition.capacity.onDemand
            changed.definition.capacity.onDemand = onDemand.applied(over: before)
        }
        if let warm = capacity.warm {
            let current = parts.warmThroughput(of: index)
            try warm.check(ofChanged: .index(index.name), over: current)
            changed.definition.capacity.warm = warm.joined(current)
        }
        for place in parts.globalIndexes.indices where parts.globalIndexes[place] == index {
            parts.globalIndexes[place] = changed
        }
    }

    /// With the table, each index becomes provisioned, which the request must say how, or is so no
    /// more.
    private func followBilling(
        _ parts: inout TableParts,
        _ changed: inout [Part],
        _ now: Int64,
    ) throws(ServiceError) {
        for place in parts.globalIndexes.indices {
            let index = parts.globalIndexes[place]
            let capacity = index.definition.capacity
            switch parts.billing.mode {
            case .provisioned:
                guard capacity.throughput != nil else { throw .indexThroughputMissing(index.name) }
                guard capacity.onDemand != nil else { continue }
                parts.globalIndexes[place].definition.capacity.onDemand = nil
            case .payPerRequest:
                guard capacity.throughput != nil else { continue }
                parts.globalIndexes[place].provision(nil, now: now)
            }
            changed.append(.index(name: index.name))
        }
    }
}

extension TableParts {
    /// Refuses an index that would make the table's indexes project too many attributes.
    fileprivate func checkProjected(with index: GlobalIndex) throws(ServiceError) {
        let all = indexes.map(\.definition) + [index.index]
        let count = all.reduce(0) { $0 + $1.projection.nonKeyAttributes.count }
        guard count <= IndexLimits.projectedAttributesMax else {
            throw .tooManyProjectedAttributes
        }
    }
}

extension IndexStates {
    /// The index that is being built or removed, if one is.
    var changing: Entry? { entries.first { $0.phase != .active } }
}

extension RegionEngine {
    /// Tells an index from an earlier or later one of the same name.
    func newIndexID() -> Int64 {
        Int64(truncatingIfNeeded: random.next() >> 1)
    }
}
