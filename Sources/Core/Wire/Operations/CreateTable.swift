package import Items

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
