package import Items
package import JSON

/// Makes a table.
package struct CreateTableRequest: Sendable {
    package var tableName: String
    /// In the order of the request.
    package var attributeDefinitions: [TableSchema.KeyAttribute]
    package var schema: TableSchema
    package var billingMode: BillingMode
    /// Present if and only if the billing mode is PROVISIONED.
    package var throughput: ProvisionedThroughput?
    package var isDeletionProtected: Bool
    package var tableClass: TableClass?

    package init(
        tableName: String,
        attributeDefinitions: [TableSchema.KeyAttribute],
        schema: TableSchema,
        billingMode: BillingMode = .payPerRequest,
        throughput: ProvisionedThroughput? = nil,
        isDeletionProtected: Bool = false,
        tableClass: TableClass? = nil,
    ) {
        self.tableName = tableName
        self.attributeDefinitions = attributeDefinitions
        self.schema = schema
        self.billingMode = billingMode
        self.throughput = throughput
        self.isDeletionProtected = isDeletionProtected
        self.tableClass = tableClass
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
        let billing: BillingMode? = try checks.choice(fields, "BillingMode")
        let throughput = try checks.throughput(fields)
        isDeletionProtected = try fields.bool("DeletionProtectionEnabled") ?? false
        tableClass = try checks.choice(fields, "TableClass")
        let stream = try checks.stream(fields)
        let encryption = try fields.structure("SSESpecification")?.bool("Enabled") ?? false
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
            hasIndexes: fields["LocalSecondaryIndexes"] != nil
                || fields["GlobalSecondaryIndexes"] != nil,
        )
        try Unsupported.refuse(fields, Self.unsupported)
        try stream?.refuseIfEnabled()
        guard !encryption else { throw Unsupported.notSupported("SSESpecification") }
    }

    private static let unsupported = [
        "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "Tags", "WarmThroughput",
        "ResourcePolicy", "OnDemandThroughput", "GlobalTableSourceArn",
        "GlobalTableSettingsReplicationMode",
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
