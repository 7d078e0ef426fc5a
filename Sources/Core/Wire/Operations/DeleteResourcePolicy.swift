/// Takes the policy from a table; where there is none, nothing happens.
package struct DeleteResourcePolicyRequest: Sendable {
    package var resourceARN: String
    /// The table that the ARN names.
    package var tableName: String
    package var expectedRevision: String?

    package init(resourceARN: String, tableName: String, expectedRevision: String? = nil) {
        self.resourceARN = resourceARN
        self.tableName = tableName
        self.expectedRevision = expectedRevision
    }
}

extension DeleteResourcePolicyRequest: OperationRequest {
    package typealias Response = PolicyRevisionResponse
    package static let operation = OperationName.deleteResourcePolicy

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        resourceARN = try checks.resourceARN(fields)
        expectedRevision = try checks.expectedRevision(fields)
        try checks.finish()
        tableName = try ResourceARN.tableName(in: resourceARN)
    }
}
