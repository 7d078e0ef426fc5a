package import Items

/// A secondary index as a request defines it and a description shows it.
package struct SecondaryIndex: Equatable, Sendable {
    package var name: String
    package var schema: IndexSchema
    package var projection: IndexProjection

    package init(name: String, schema: IndexSchema, projection: IndexProjection) {
        self.name = name
        self.schema = schema
        self.projection = projection
    }
}

/// Which attributes of its items an index holds, beside the keys of index and table.
package struct IndexProjection: Equatable, Sendable {
    package var type: ProjectionType
    /// Sorted; empty unless the type is INCLUDE.
    package var nonKeyAttributes: [Text]

    package init(type: ProjectionType, nonKeyAttributes: [Text] = []) {
        self.type = type
        self.nonKeyAttributes = nonKeyAttributes
    }
}

package enum ProjectionType: String, Choice {
    case all = "ALL"
    case include = "INCLUDE"
    case keysOnly = "KEYS_ONLY"
}

package enum IndexStatus: String, Choice {
    case creating = "CREATING"
    case updating = "UPDATING"
    case deleting = "DELETING"
    case active = "ACTIVE"
}

/// A global secondary index with what it alone has.
package struct GlobalIndex: Equatable, Sendable {
    package var index: SecondaryIndex
    package var capacity: IndexCapacity

    package init(index: SecondaryIndex, capacity: IndexCapacity = IndexCapacity()) {
        self.index = index
        self.capacity = capacity
    }
}

/// One change to a table's global secondary indexes.
package enum GlobalIndexUpdate: Equatable, Sendable {
    /// With the definitions that the request gives for the index's key attributes.
    case create(GlobalIndex)
    /// An absent part of the capacity stays as it is.
    case update(name: String, capacity: IndexCapacity)
    case delete(name: String)

    package var indexName: String {
        switch self {
        case .create(let index): index.index.name
        case .update(let name, _), .delete(let name): name
        }
    }

    /// Whether it makes or removes an index, of which a table does one at a time.
    package var isOnline: Bool {
        if case .update = self { return false }
        return true
    }
}

/// The bounds on a table's secondary indexes.
package enum IndexLimits {
    package static let localMax = 5
    package static let globalMax = 20
    /// Of one index.
    package static let nonKeyAttributesMax = 20
    /// Of all indexes of a table that project some attributes.
    package static let projectedAttributesMax = 100
}

/// What a description says of a local or global index.
package struct IndexDescription: Equatable, Sendable {
    /// What only global indexes have.
    package struct Global: Equatable, Sendable {
        package var status: IndexStatus
        /// Only while the index is created for a table that is there: whether items are copied yet.
        package var isBackfilling: Bool?
        package var throughput: ThroughputDescription
        /// Nil unless a request set a maximum.
        package var onDemand: OnDemandThroughput?
        package var warm: WarmThroughput

        package init(
            status: IndexStatus,
            isBackfilling: Bool? = nil,
            throughput: ThroughputDescription = ThroughputDescription(),
            onDemand: OnDemandThroughput? = nil,
            warm: WarmThroughput = .baseline,
        ) {
            self.status = status
            self.isBackfilling = isBackfilling
            self.throughput = throughput
            self.onDemand = onDemand
            self.warm = warm
        }
    }

    package var index: SecondaryIndex
    package var global: Global?
    package var sizeBytes: Int64
    package var itemCount: Int64

    package init(
        index: SecondaryIndex,
        global: Global? = nil,
        sizeBytes: Int64,
        itemCount: Int64,
    ) {
        self.index = index
        self.global = global
        self.sizeBytes = sizeBytes
        self.itemCount = itemCount
    }
}
