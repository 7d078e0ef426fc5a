package import Causality
package import Items
package import Wire

/// A table's description as it replicates: one item of the system table for each part.
///
/// Parts are separate items so that concurrent changes to different parts both stand, and changes
/// to one part have one winner, by the rule that settles all items. `Part` names them.
package struct TableParts: Equatable, Sendable {
    /// What never changes after the table is made.
    package struct Definition: Equatable, Sendable {
        package var name: String
        package var schema: TableSchema
        package var localIndexes: [SecondaryIndex]
        package var createdMilliseconds: Int64

        package init(
            name: String,
            schema: TableSchema,
            localIndexes: [SecondaryIndex] = [],
            createdMilliseconds: Int64,
        ) {
            self.name = name
            self.schema = schema
            self.localIndexes = localIndexes
            self.createdMilliseconds = createdMilliseconds
        }
    }

    package struct Billing: Equatable, Sendable {
        package var mode: BillingMode = .payPerRequest
        package var throughput: ProvisionedThroughput?
        package var payPerRequestSinceMilliseconds: Int64?
        package var changes = CapacityChanges()

        package init() {}
    }

    /// The setting of the table's streams: each region keeps a stream of its own by it.
    package struct Stream: Equatable, Sendable {
        /// Nil where the stream is disabled.
        package var viewType: StreamViewType?
        /// When it was enabled last; greater with each enabling, so that it names one.
        package var sinceMilliseconds: Int64

        package init(viewType: StreamViewType?, sinceMilliseconds: Int64) {
            self.viewType = viewType
            self.sinceMilliseconds = sinceMilliseconds
        }
    }

    package struct Replica: Equatable, Sendable {
        package var region: String
        package var status: ReplicaStatus
        package var statusDescription: String?
        /// The removal that it came after, of its region; nil if there was none.
        ///
        /// The region says so itself, when it becomes active.
        package var afterRemoval: HybridTime?
        /// Where the replica differs from the shared settings; a part of its own.
        package var overrides: ReplicaOverrides
        /// What is never shared; a part of its own.
        package var settings: RegionalSettings

        package init(
            region: String,
            status: ReplicaStatus,
            statusDescription: String? = nil,
            overrides: ReplicaOverrides = ReplicaOverrides(),
            settings: RegionalSettings = RegionalSettings(),
        ) {
            self.region = region
            self.status = status
            self.statusDescription = statusDescription
            self.overrides = overrides
            self.settings = settings
        }
    }

    package var definition: Definition
    package var billing: Billing
    package var tableClass: TableClass?
    /// When an update last named a class.
    package var tableClassUpdateMilliseconds: Int64?
    package var capacity = Capacity()
    /// Whether keys of the account encrypt the table, rather than the service's own.
    package var isEncryptedWithKey = false
    /// Nil if the table never had a stream.
    package var stream: Stream?
    /// When it became a global table in the way of 2017; nil for all other tables.
    package var globalTableSinceMilliseconds: Int64?
    /// How capacities should follow their use, by `ScalingTarget.text`.
    package var scalings: [String: AutoScalingSettings] = [:]
    /// The attribute that says when an item expires; nil where items do not.
    package var expiryAttribute: Text?
    /// In the order in which they were defined.
    package var globalIndexes: [IndexPart] = []
    /// Sorted by region; those whose creation failed included.
    package var replicas: [Replica]
    /// Of regions that were gone, sorted by region.
    package var removals: [Removal] = []

    package init(
        definition: Definition,
        billing: Billing = Billing(),
        tableClass: TableClass? = nil,
        stream: Stream? = nil,
        replicas: [Replica],
    ) {
        self.definition = definition
        self.billing = billing
        self.tableClass = tableClass
        self.stream = stream
        self.replicas = replicas
    }

    package func replica(in region: String) -> Replica? {
        replicas.first { $0.region == region }
    }

    /// The regions that feed the table and must be waited for: all but failed ones, sorted.
    package var members: [String] { Self.members(of: replicas) }

    static func members(of replicas: [Replica]) -> [String] {
        replicas.filter { $0.status != .creationFailed }.map(\.region)
    }
}

/// The parts' names: the sort keys in the system table.
package enum Part: Hashable, Sendable {
    case definition
    case billing
    case tableClass
    case capacity
    case encryption
    case stream
    case globalTable
    case scaling
    case timeToLive
    case index(name: String)
    case replica(region: String)
    case overrides(region: String)
    case settings(region: String)
    case removal(region: String)
    case acknowledgement(region: String, member: String)

    package var text: String {
        switch self {
        case .definition: "definition"
        case .billing: "billing"
        case .tableClass: "class"
        case .capacity: "capacity"
        case .encryption: "encryption"
        case .stream: "stream"
        case .globalTable: "global"
        case .scaling: "scaling"
        case .timeToLive: "ttl"
        case .index(let name): Part.indexPrefix + name
        case .replica(let region): Part.replicaPrefix + region
        case .overrides(let region): Part.overridesPrefix + region
        case .settings(let region): Part.settingsPrefix + region
        case .removal(let region): Part.removalPrefix + region
        case .acknowledgement(let region, let member):
            "\(Part.acknowledgementPrefix)\(region)#\(member)"
        }
    }

    static let indexPrefix = "index#"
    static let replicaPrefix = "replica#"
    static let overridesPrefix = "overrides#"
    static let settingsPrefix = "settings#"
    static let removalPrefix = "removal#"
    static let acknowledgementPrefix = "acknowledgement#"

    /// Whether other regions wait to see that the part is gone.
    var hasEnd: Bool {
        if case .replica = self { true } else { false }
    }

    /// The parts that go with this one.
    var satellites: [Part] {
        guard case .replica(let region) = self else { return [] }
        return [.overrides(region: region), .settings(region: region)]
    }
}

/// The system table's own schema, and parts as its items.
extension TableParts {
    static let systemSchema = TableSchema(
        partition: TableSchema.KeyAttribute(name: "table", type: .string),
        sort: TableSchema.KeyAttribute(name: "part", type: .string),
    )

    /// The items of all parts, with their keys in them.
    func items(table id: String) -> [Item] {
        var parts: [Part] = [
            .definition, .billing, .tableClass, .stream, .timeToLive, .capacity, .encryption,
            .globalTable,
            .scaling,
        ]
        parts += globalIndexes.map { .index(name: $0.name) }
        for replica in replicas {
            let part = Part.replica(region: replica.region)
            parts += [part] + part.satellites
        }
        parts += removalParts
        return parts.compactMap { item(of: $0, table: id) }
    }

    /// Nil for a part that the description does not have.
    func item(of part: Part, table id: String) -> Item? {
        guard var item = values(of: part) else { return nil }
        item["table"] = .string(Text(id))
        item["part"] = .string(Text(part.text))
        return item
    }

    private func values(of part: Part) -> Item? {
        switch part {
        case .definition: definition.item
        case .billing: billing.item
        case .tableClass:
            tableClass.map { named in
                var item = Item([.init("class", .string(Text(named.rawValue)))])
                if let updated = tableClassUpdateMilliseconds { item["updated"] = .units(updated) }
                return item
            }
        case .capacity: capacity.item
        case .encryption: isEncryptedWithKey ? Item([.init("key", .bool(true))]) : nil
        case .stream: stream?.item
        case .globalTable:
            globalTableSinceMilliseconds.map { Item([.init("since", .units($0))]) }
        case .scaling: scalingItem
        case .timeToLive:
            expiryAttribute.map { Item([.init("attribute", .string($0))]) }
        case .index(let name): globalIndex(name)?.item
        case .replica(let region): replica(in: region)?.item
        case .overrides(let region): replica(in: region)?.overrides.item
        case .settings(let region): replica(in: region)?.settings.item
        case .removal, .acknowledgement: removalValues(of: part)
        }
    }

    /// Folds the parts of one table; nil while there is no definition, as for a deleted table.
    init?(items: [Item]) {
        var definition: Definition?
        var billing = Billing()
        var tableClass: TableClass?
        var tableClassUpdated: Int64?
        var capacity = Capacity()
        var isEncryptedWithKey = false
        var stream: Stream?
        var globalTableSince: Int64?
        var scalings: [String: AutoScalingSettings] = [:]
        var expiryAttribute: Text?
        var globalIndexes: [IndexPart] = []
        var replicas: [Replica] = []
        var overrides: [String: ReplicaOverrides] = [:]
        var settings: [String: RegionalSettings] = [:]
        var removals = RemovalItems()
        for item in items {
            switch item.text("part") {
            case Part.definition.text: definition = Definition(item)
            case Part.billing.text: billing = Billing(item)
            case Part.tableClass.text:
                tableClass = item.text("class").flatMap(TableClass.init(rawValue:))
                tableClassUpdated = item.integer("updated")
            case Part.capacity.text: capacity = Capacity(item)
            case Part.encryption.text: isEncryptedWithKey = item["key"] == .bool(true)
            case Part.stream.text: stream = Stream(item)
            case Part.globalTable.text: globalTableSince = item.integer("since")
            case Part.scaling.text: scalings = TableParts.scalings(item)
            case Part.timeToLive.text: expiryAttribute = item.text("attribute").map { Text($0) }
            case .some(let part) where part.hasPrefix(Part.indexPrefix):
                if let index = IndexPart(item) { globalIndexes.append(index) }
            case .some(let part) where part.hasPrefix(Part.replicaPrefix):
                if let replica = Replica(item) { replicas.append(replica) }
            case .some(let part) where part.hasPrefix(Part.overridesPrefix):
                overrides[String(part.dropFirst(Part.overridesPrefix.count))] =
                    ReplicaOverrides(item)
            case .some(let part) where part.hasPrefix(Part.settingsPrefix):
                settings[String(part.dropFirst(Part.settingsPrefix.count))] = RegionalSettings(item)
            default: removals.take(item)
            }
        }
        guard let definition else { return nil }
        for place in replicas.indices {
            replicas[place].overrides = overrides[replicas[place].region] ?? ReplicaOverrides()
            replicas[place].settings = settings[replicas[place].region] ?? RegionalSettings()
        }
        self.init(
            definition: definition,
            billing: billing,
            tableClass: tableClass,
            stream: stream,
            replicas: replicas.sorted { $0.region < $1.region },
        )
        tableClassUpdateMilliseconds = tableClassUpdated
        self.expiryAttribute = expiryAttribute
        self.capacity = capacity
        self.isEncryptedWithKey = isEncryptedWithKey
        globalTableSinceMilliseconds = globalTableSince
        self.scalings = scalings
        self.removals = removals.folded
        self.globalIndexes = globalIndexes.sorted { $0.order < $1.order }
    }
}

extension TableParts.Definition {
    fileprivate var item: Item {
        Item([
            .init("name", .string(Text(name))),
            .init("partition", schema.partition.value),
            .init("sort", schema.sort.map(\.value) ?? .null),
            .init("indexes", .list(localIndexes.map { .map($0.item) })),
            .init("created", .number(DecimalNumber(Int(createdMilliseconds)))),
        ])
    }

    fileprivate init?(_ item: Item) {
        guard let name = item.text("name"),
            let partition = item["partition"].flatMap(TableSchema.KeyAttribute.init(value:))
        else { return nil }
        let sort = item["sort"].flatMap(TableSchema.KeyAttribute.init(value:))
        self.init(
            name: name,
            schema: TableSchema(partition: partition, sort: sort),
            localIndexes: SecondaryIndex.list(item["indexes"]),
            createdMilliseconds: item.integer("created") ?? 0,
        )
    }
}

extension TableParts.Billing {
    fileprivate var item: Item {
        var item = Item([.init("mode", .string(Text(mode.rawValue)))])
        if let throughput {
            item["read"] = .number(DecimalNumber(Int(throughput.readCapacityUnits)))
            item["write"] = .number(DecimalNumber(Int(throughput.writeCapacityUnits)))
        }
        if let since = payPerRequestSinceMilliseconds {
            item["since"] = .number(DecimalNumber(Int(since)))
        }
        changes.add(to: &item)
        return item
    }

    fileprivate init(_ item: Item) {
        mode = item.text("mode").flatMap(BillingMode.init(rawValue:)) ?? .payPerRequest
        if let read = item.integer("read"), let write = item.integer("write") {
            throughput = ProvisionedThroughput(readCapacityUnits: read, writeCapacityUnits: write)
        }
        payPerRequestSinceMilliseconds = item.integer("since")
        changes = TableParts.CapacityChanges(item)
    }
}

extension TableParts.Stream {
    fileprivate var item: Item {
        var item = Item([.init("since", .number(DecimalNumber(Int(sinceMilliseconds))))])
        if let viewType { item["view"] = .string(Text(viewType.rawValue)) }
        return item
    }

    fileprivate init(_ item: Item) {
        self.init(
            viewType: item.text("view").flatMap(StreamViewType.init(rawValue:)),
            sinceMilliseconds: item.integer("since") ?? 0,
        )
    }
}

extension TableSchema.KeyAttribute {
    var value: AttributeValue {
        .list([.string(name), .string(Text(type.rawValue))])
    }

    init?(value: AttributeValue) {
        guard case .list(let pair) = value, pair.count == 2, case .string(let name) = pair[0],
            case .string(let type) = pair[1], let type = TableSchema.KeyType(rawValue: type.string)
        else { return nil }
        self.init(name: name, type: type)
    }
}
