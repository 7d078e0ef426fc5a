package import Items

/// What `DescribeTable` says about a table, and what every operation on tables answers with.
///
/// All times are milliseconds since 1970; they are written as seconds with a fraction.
package struct TableDescription: Equatable, Sendable {
    /// Those of all keys, of the table and of its indexes, sorted by name.
    package var attributeDefinitions: [TableSchema.KeyAttribute]
    package var tableName: String
    package var schema: TableSchema
    package var status: TableStatus
    package var creationMilliseconds: Int64
    package var billingMode: BillingMode
    /// When the table last became PAY_PER_REQUEST; nil if it never was.
    package var lastUpdateToPayPerRequestMilliseconds: Int64?
    package var throughput: ThroughputDescription
    package var sizeBytes: Int64
    package var itemCount: Int64
    package var localIndexes: [IndexDescription] = []
    /// In the order in which they were defined.
    package var globalIndexes: [IndexDescription] = []
    /// See `TableARN`.
    package var arn: String
    /// A UUID in lower case.
    package var tableId: String
    package var isDeletionProtected: Bool
    /// Nil unless a request named a class.
    package var tableClass: TableClass?
    package var tableClassUpdateMilliseconds: Int64?
    /// Every other region and this one; empty for a table of one region only.
    package var replicas: [ReplicaDescription]
    /// `2019.11.21` for a global table.
    package var globalTableVersion: String?
    package var multiRegionConsistency: MultiRegionConsistency?
    package var streamSpecification: StreamSpecification?
    package var latestStreamLabel: String?
    package var latestStreamArn: String?
    /// The ARN of the key that the table is encrypted with; nil for the service's own.
    package var encryptionKeyARN: String?
    /// Nil unless a request set a maximum.
    package var onDemand: OnDemandThroughput?
    /// Nil in the answer to a `CreateTable` that asked for none.
    package var warm: WarmThroughput? = .baseline
    package var isWarming = false

    package init(
        attributeDefinitions: [TableSchema.KeyAttribute],
        tableName: String,
        schema: TableSchema,
        status: TableStatus,
        creationMilliseconds: Int64,
        billingMode: BillingMode,
        lastUpdateToPayPerRequestMilliseconds: Int64? = nil,
        throughput: ThroughputDescription,
        sizeBytes: Int64,
        itemCount: Int64,
        arn: String,
        tableId: String,
        isDeletionProtected: Bool = false,
        tableClass: TableClass? = nil,
        tableClassUpdateMilliseconds: Int64? = nil,
        replicas: [ReplicaDescription] = [],
        globalTableVersion: String? = nil,
        multiRegionConsistency: MultiRegionConsistency? = nil,
        streamSpecification: StreamSpecification? = nil,
        latestStreamLabel: String? = nil,
        latestStreamArn: String? = nil,
    ) {
        self.attributeDefinitions = attributeDefinitions
        self.tableName = tableName
        self.schema = schema
        self.status = status
        self.creationMilliseconds = creationMilliseconds
        self.billingMode = billingMode
        self.lastUpdateToPayPerRequestMilliseconds = lastUpdateToPayPerRequestMilliseconds
        self.throughput = throughput
        self.sizeBytes = sizeBytes
        self.itemCount = itemCount
        self.arn = arn
        self.tableId = tableId
        self.isDeletionProtected = isDeletionProtected
        self.tableClass = tableClass
        self.tableClassUpdateMilliseconds = tableClassUpdateMilliseconds
        self.replicas = replicas
        self.globalTableVersion = globalTableVersion
        self.multiRegionConsistency = multiRegionConsistency
        self.streamSpecification = streamSpecification
        self.latestStreamLabel = latestStreamLabel
        self.latestStreamArn = latestStreamArn
    }
}

/// A table's provisioned capacity as described: zeros for PAY_PER_REQUEST.
package struct ThroughputDescription: Equatable, Sendable {
    package var readCapacityUnits: Int64
    package var writeCapacityUnits: Int64
    /// Since midnight UTC; they are counted and not limited.
    package var numberOfDecreasesToday: Int64
    package var lastIncreaseMilliseconds: Int64?
    package var lastDecreaseMilliseconds: Int64?

    package init(
        readCapacityUnits: Int64 = 0,
        writeCapacityUnits: Int64 = 0,
        numberOfDecreasesToday: Int64 = 0,
        lastIncreaseMilliseconds: Int64? = nil,
        lastDecreaseMilliseconds: Int64? = nil,
    ) {
        self.readCapacityUnits = readCapacityUnits
        self.writeCapacityUnits = writeCapacityUnits
        self.numberOfDecreasesToday = numberOfDecreasesToday
        self.lastIncreaseMilliseconds = lastIncreaseMilliseconds
        self.lastDecreaseMilliseconds = lastDecreaseMilliseconds
    }
}

/// One replica of a global table.
package struct ReplicaDescription: Equatable, Sendable {
    package var regionName: String
    package var status: ReplicaStatus
    package var statusDescription: String?
    /// 0…100, written as a string, as in the API; nil when nothing is in progress.
    package var percentProgress: Int?
    package var overrides: ReplicaOverrides
    /// Nil unless a request named a class.
    package var tableClass: TableClass?
    package var warm: WarmThroughput

    package init(
        regionName: String,
        status: ReplicaStatus,
        statusDescription: String? = nil,
        percentProgress: Int? = nil,
        overrides: ReplicaOverrides = ReplicaOverrides(),
        tableClass: TableClass? = nil,
        warm: WarmThroughput = .baseline,
    ) {
        self.regionName = regionName
        self.status = status
        self.statusDescription = statusDescription
        self.percentProgress = percentProgress
        self.overrides = overrides
        self.tableClass = tableClass
        self.warm = warm
    }
}
