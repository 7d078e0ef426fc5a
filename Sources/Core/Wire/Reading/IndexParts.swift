import Items
import JSON

/// One element of `LocalSecondaryIndexes` or `GlobalSecondaryIndexes`, its form checked.
struct IndexPart {
    var name: String
    var keys: [KeySchemaElement]
    var projectionType: ProjectionType?
    var nonKeyAttributes: [Text]?
    var capacity = IndexCapacity()
}

/// One action of an element of `GlobalSecondaryIndexUpdates`, its form checked.
enum IndexAction {
    case create(IndexPart)
    case update(name: String, capacity: IndexCapacity)
    case delete(name: String)
}

extension Checks {
    mutating func localIndexes(_ fields: Fields) throws(ServiceError) -> [IndexPart]? {
        let name = "LocalSecondaryIndexes"
        guard let parts = try fields.structures(name, of: "LocalSecondaryIndex") else {
            return nil
        }
        var indexes: [IndexPart] = []
        for part in parts { indexes.append(try index(part, Self.keySchemaLengthRange)) }
        return indexes
    }

    mutating func globalIndexes(_ fields: Fields) throws(ServiceError) -> [IndexPart]? {
        let name = "GlobalSecondaryIndexes"
        guard let parts = try fields.structures(name, of: "GlobalSecondaryIndex") else {
            return nil
        }
        var indexes: [IndexPart] = []
        for part in parts { indexes.append(try globalIndex(part)) }
        return indexes
    }

    /// For each element the actions in it; nil if the parameter is absent.
    mutating func globalIndexUpdates(
        _ fields: Fields
    ) throws(ServiceError) -> [[IndexAction]]? {
        let name = "GlobalSecondaryIndexUpdates"
        guard let parts = try fields.structures(name, of: "GlobalSecondaryIndexUpdate") else {
            return nil
        }
        var updates: [[IndexAction]] = []
        for part in parts {
            var actions: [IndexAction] = []
            if let update = try part.structure("Update") {
                let capacity = try indexCapacity(update)
                actions.append(.update(name: try indexNameOf(update), capacity: capacity))
            }
            if let create = try part.structure("Create") {
                actions.append(.create(try globalIndex(create)))
            }
            if let delete = try part.structure("Delete") {
                actions.append(.delete(name: try indexNameOf(delete)))
            }
            updates.append(actions)
        }
        return updates
    }

    private mutating func globalIndex(_ part: Fields) throws(ServiceError) -> IndexPart {
        // How many key attributes of each kind there may be is said in words of its own.
        var index = try index(part, 1...Int.max)
        index.capacity = try indexCapacity(part)
        return index
    }

    private mutating func index(
        _ part: Fields,
        _ lengthRange: ClosedRange<Int>,
    ) throws(ServiceError) -> IndexPart {
        let keys = try keySchema(part, lengthRange)
        let projection = try part.structure("Projection")
        if projection == nil { violateNotNull(part.location("Projection")) }
        let type: ProjectionType? = try projection.flatMap { fields throws(ServiceError) in
            try choice(fields, "ProjectionType")
        }
        let names = try projection.flatMap { fields throws(ServiceError) in
            try nonKeyAttributes(fields)
        }
        return IndexPart(
            name: try indexNameOf(part),
            keys: keys,
            projectionType: type,
            nonKeyAttributes: names,
        )
    }

    private mutating func nonKeyAttributes(_ fields: Fields) throws(ServiceError) -> [Text]? {
        let name = "NonKeyAttributes"
        guard let elements = try fields.list(name) else { return nil }
        var names: [Text] = []
        for (index, element) in elements.enumerated() {
            let text = try Fields.string(element)
            let location = "\(fields.location(name)).\(index + 1).member"
            checkLength(text.utf8.count, location, value: text, 1...Self.nameBytesMax)
            names.append(Text(text))
        }
        checkLength(
            names.count,
            fields.location(name),
            value: names.isEmpty ? "[]" : "[...]",
            1...IndexLimits.nonKeyAttributesMax,
        )
        return names
    }

    private static let nameBytesMax = 255

    private mutating func indexNameOf(_ part: Fields) throws(ServiceError) -> String {
        if let name = try indexName(part) { return name }
        violateNotNull(part.location("IndexName"))
        return ""
    }

    private mutating func indexCapacity(_ part: Fields) throws(ServiceError) -> IndexCapacity {
        IndexCapacity(
            throughput: try throughput(part, ofIndex: try part.string("IndexName")),
            onDemand: try onDemandThroughput(part),
            warm: try warmThroughput(part),
        )
    }
}
