package import JSON

/// Lists the global tables of 2017 in the order of their names' bytes.
package struct ListGlobalTablesRequest: Sendable {
    package var exclusiveStartName: String?
    /// At least 1.
    package var limit: Int
    /// Only tables with a replica there.
    package var region: String?

    package init(exclusiveStartName: String? = nil, limit: Int = 100, region: String? = nil) {
        self.exclusiveStartName = exclusiveStartName
        self.limit = limit
        self.region = region
    }
}

/// The answer to `ListGlobalTables`: one page.
package struct ListGlobalTablesResponse: Sendable {
    package struct GlobalTable: Sendable {
        package var name: String
        /// Sorted.
        package var regions: [String]

        package init(name: String, regions: [String]) {
            self.name = name
            self.regions = regions
        }
    }

    package var tables: [GlobalTable]
    /// Nil on the last page.
    package var lastEvaluatedName: String?

    package init(tables: [GlobalTable], lastEvaluatedName: String? = nil) {
        self.tables = tables
        self.lastEvaluatedName = lastEvaluatedName
    }
}

extension ListGlobalTablesRequest: OperationRequest {
    package typealias Response = ListGlobalTablesResponse
    package static let operation = OperationName.listGlobalTables

    /// The default page; larger ones are cut to it.
    private static let limitMax = 100

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let startName = "ExclusiveStartGlobalTableName"
        exclusiveStartName = try fields.string(startName)
        if let exclusiveStartName {
            checks.checkName(exclusiveStartName, at: fields.location(startName))
        }
        let asked = try checks.integer(fields, "Limit", in: 1...Int.max)
        limit = min(asked ?? Self.limitMax, Self.limitMax)
        region = try fields.string("RegionName")
        try checks.finish()
    }
}

extension ListGlobalTablesResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("GlobalTables")
        writer.beginArray()
        for table in tables {
            writer.beginObject()
            writer.member("GlobalTableName", table.name)
            writer.name("ReplicationGroup")
            writer.beginArray()
            for region in table.regions {
                writer.beginObject()
                writer.member("RegionName", region)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.member("LastEvaluatedGlobalTableName", lastEvaluatedName)
        writer.endObject()
    }
}
