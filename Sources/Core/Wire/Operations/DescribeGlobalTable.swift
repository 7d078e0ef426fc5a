/// Asks for the replicas of a global table of 2017.
package struct DescribeGlobalTableRequest: Sendable {
    package var name: String

    package init(name: String) {
        self.name = name
    }
}

extension DescribeGlobalTableRequest: OperationRequest {
    package typealias Response = GlobalTableResponse
    package static let operation = OperationName.describeGlobalTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        name = try checks.globalTableName(fields)
        try checks.finish()
    }
}
