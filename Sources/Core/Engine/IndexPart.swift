package import Items
package import Wire

/// The parts of a description that are indexes.
extension TableParts {
    /// A global index: a part of its own, so that indexes made or removed in different regions at
    /// the same time all stand.
    package struct IndexPart: Equatable, Sendable {
        package var definition: GlobalIndex
        /// Drawn when the index is made: one removed and made again under the same name is another.
        package var id: Int64
        /// The place in the table's list; equal for indexes made in two regions at once.
        package var position: Int64
        package var changes = CapacityChanges()

        package init(definition: GlobalIndex, id: Int64, position: Int64) {
            self.definition = definition
            self.id = id
            self.position = position
        }

        package var name: String { definition.index.name }

        var order: (Int64, String) { (position, name) }

        /// Changes the provisioned capacity; nil for none, as in a PAY_PER_REQUEST table.
        mutating func provision(_ throughput: ProvisionedThroughput?, now: Int64) {
            if let old = definition.capacity.throughput {
                if let throughput { changes.note(from: old, to: throughput, now: now) }
                definition.capacity.warm = WarmThroughput(old).joined(definition.capacity.warm)
            }
            definition.capacity.throughput = throughput
        }
    }

    package func globalIndex(_ name: String) -> IndexPart? {
        globalIndexes.first { $0.name == name }
    }

    /// The indexes with what tells them from others of their name, local ones first.
    var indexes: [(definition: SecondaryIndex, id: Int64?)] {
        definition.localIndexes.map { ($0, nil) }
            + globalIndexes.map { ($0.definition.index, $0.id) }
    }

    /// The types of all key attributes.
    ///
    /// Where two regions have defined an attribute in two ways at once, the first index has its way,
    /// and the other finds no items.
    package var attributeTypes: [TableSchema.KeyAttribute] {
        var attributes: [TableSchema.KeyAttribute] = []
        let keys = definition.schema.keyAttributes
        for key in keys + indexes.flatMap(\.definition.schema.keyAttributes)
        where !attributes.contains(where: { $0.name == key.name }) {
            attributes.append(key)
        }
        return attributes
    }

    /// Takes in a new index, after the others.
    package mutating func append(_ index: GlobalIndex, id: Int64) {
        let position = (globalIndexes.map(\.position).max() ?? 0) + 1
        var part = IndexPart(definition: index, id: id, position: position)
        part.definition.capacity.onDemand = index.capacity.onDemand?.applied(over: nil)
        globalIndexes.append(part)
    }
}

extension TableParts.IndexPart {
    var item: Item {
        var item = definition.index.item
        item["id"] = .number(DecimalNumber(Int(id)))
        item["position"] = .number(DecimalNumber(Int(position)))
        if let throughput = definition.capacity.throughput {
            item["read"] = .number(DecimalNumber(Int(throughput.readCapacityUnits)))
            item["write"] = .number(DecimalNumber(Int(throughput.writeCapacityUnits)))
        }
        item["onDemand"] = definition.capacity.onDemand?.value
        item["warm"] = definition.capacity.warm?.value
        changes.add(to: &item)
        return item
    }

    init?(_ item: Item) {
        guard let index = SecondaryIndex(item), let id = item.whole("id"),
            let position = item.whole("position")
        else { return nil }
        var capacity = IndexCapacity(
            onDemand: OnDemandThroughput(value: item["onDemand"]),
            warm: WarmThroughput(value: item["warm"]),
        )
        if let read = item.whole("read"), let write = item.whole("write") {
            capacity.throughput = ProvisionedThroughput(
                readCapacityUnits: read,
                writeCapacityUnits: write,
            )
        }
        self.init(
            definition: GlobalIndex(index: index, capacity: capacity),
            id: id,
            position: position,
        )
        changes = TableParts.CapacityChanges(item)
    }
}

extension SecondaryIndex {
    var item: Item {
        Item([
            .init("name", .string(Text(name))),
            .init("hash", .list(schema.partition.map(\.value))),
            .init("range", .list(schema.sort.map(\.value))),
            .init("projection", .string(Text(projection.type.rawValue))),
            .init("attributes", .list(projection.nonKeyAttributes.map { .string($0) })),
        ])
    }

    init?(_ item: Item) {
        guard case .string(let name) = item["name"],
            case .list(let partition) = item["hash"], case .list(let sort) = item["range"],
            case .string(let type) = item["projection"],
            let type = ProjectionType(rawValue: type.string),
            case .list(let attributes) = item["attributes"]
        else { return nil }
        let hash = partition.compactMap(TableSchema.KeyAttribute.init(value:))
        guard !hash.isEmpty, hash.count == partition.count else { return nil }
        let range = sort.compactMap(TableSchema.KeyAttribute.init(value:))
        let names: [Text] = attributes.compactMap { value in
            guard case .string(let name) = value else { return nil }
            return name
        }
        self.init(
            name: name.string,
            schema: IndexSchema(partition: hash, sort: range),
            projection: IndexProjection(type: type, nonKeyAttributes: names),
        )
    }

    static func list(_ value: AttributeValue?) -> [SecondaryIndex] {
        guard case .list(let elements) = value else { return [] }
        return elements.compactMap { element in
            guard case .map(let item) = element else { return nil }
            return SecondaryIndex(item)
        }
    }
}

extension Item {
    fileprivate func whole(_ name: Text) -> Int64? {
        guard case .number(let number) = self[name] else { return nil }
        return number.intValue.map(Int64.init)
    }
}
