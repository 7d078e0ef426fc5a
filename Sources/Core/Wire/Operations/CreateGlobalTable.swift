/// Makes a table a global one, in the way of 2017: with the tables of its name in other regions.
package struct CreateGlobalTableRequest: Sendable {
    package var name: String
    /// In the order of the request, each once; with or without the region that is asked.
    package var regions: [String]

    package init(name: String, regions: [String]) {
        self.name = name
        self.regions = regions
    }
}

extension CreateGlobalTableRequest: OperationRequest {
    package typealias Response = GlobalTableResponse
    package static let operation = OperationName.createGlobalTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        name = try checks.globalTableName(fields)
        regions = try checks.replicationGroup(fields)
        try checks.finish()
        guard !regions.isEmpty else {
            throw .invalidParameters("ReplicationGroup must name at least one region")
        }
        guard Set(regions).count == regions.count else {
            throw .invalidParameters("ReplicationGroup must name each region once")
        }
    }
}
