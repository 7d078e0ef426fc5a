package import Items
package import JSON

/// Makes a table.
package struct CreateTableRequest: Sendable {
    package var tableName: String
    /// In the order of the request.
    package var attributeDefinitions: [TableSchema.KeyAttribute]
    package var schema: TableSchema
    package var localIndexes: [SecondaryIndex]
    package var globalIndexes: [GlobalIndex]
    package var billingMode: BillingMode
    /// Present if and only if the billing mode is PROVISIONED.
    package var throughput: ProvisionedThroughput?
    package var settings: TableSettings
    /// At most 50, each key once.
    package var tags: [Tag]
    /// The text of a policy.
    package var policy: String?
    /// The stream's view; nil for a table without a stream.
    package var streamViewType: StreamViewType?

    package init(
        tableName: String,
        attributeDefinitions: [TableSchema.KeyAttribute],
        schema: TableSchema,
        localIndexes: [SecondaryIndex] = [],
        globalIndexes: [GlobalIndex] = [],
        billingMode: BillingMode = .payPerRequest,
        throughput: ProvisionedThroughput? = nil,
        settings: TableSettings = TableSettings(),
        tags: [Tag] = [],
        streamViewType: StreamViewType? = nil,
    ) {
        self.tableName = tableName
        self.attributeDefinitions = attributeDefinitions
        self.schema = schema
        self.localIndexes = localIndexes
        self.globalIndexes = globalIndexes
        self.billingMode = billingMode
        self.throughput = throughput
        self.settings = settings
        self.tags = tags
        self.streamViewType = streamViewType
    }
}

/// The answer to `CreateTable`.
package struct CreateTableResponse: Sendable {
    package var table: TableDescription

    package init(
        table: TableDescription,
    ) {
        self.table = table
    }
}

extension CreateTableRequest: OperationRequest {
    package typealias Response = CreateTableResponse
    package static let operation = OperationName.createTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        attributeDefinitions = try checks.attributeDefinitions(fields) ?? []
        let keys = try checks.keySchema(fields)
        // The service lists what is wrong with global indexes first.
        let globalParts = try checks.globalIndexes(fields)
        let localParts = try checks.localIndexes(fields)
        let billing = try checks.billingMode(fields)
        let throughput = try checks.throughput(fields)
        settings = try checks.tableSettings(fields)
        let givenTags = try checks.tags(fields) ?? []
        policy = try fields.string("ResourcePolicy")
        let stream = try checks.stream(fields)
        guard fields["TableName"] != nil else { throw .tableNameMissing }
        try checks.finish()

        billingMode = billing ?? .provisioned
        switch (billingMode, throughput) {
        case (.payPerRequest, .some): throw .throughputWithPayPerRequest
        case (.provisioned, nil): throw .throughputMissing
        case (.payPerRequest, nil), (.provisioned, .some): self.throughput = throughput
        }
        schema = try TableSchema(
            keys: keys,
            definitions: attributeDefinitions,
            hasIndexes: localParts != nil || globalParts != nil,
        )
        let definitions = IndexDefinitions(attributes: attributeDefinitions)
        try definitions.checkUse(by: schema, localParts, globalParts)
        var names: Set<String> = []
        localIndexes = try definitions.localIndexes(localParts, of: schema, &names)
        globalIndexes = try definitions.globalIndexes(globalParts, billingMode, &names)
        try IndexDefinitions.checkProjected(localIndexes + globalIndexes.map(\.index))
        try Unsupported.refuse(fields, Self.unsupported)
        streamViewType = try stream?.viewOfNewTable()
        try settings.check(ofNew: billingMode, throughput)
        tags = try Tag.checked(givenTags)
        if let policy { try ResourcePolicy.check(policy) }
    }

    private static let unsupported = [
        "GlobalTableSourceArn", "VectorIndexes",
    ]
}

extension CreateTableResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TableDescription")
        table.write(to: &writer)
        writer.endObject()
    }
}
