/// Takes the policy from a table; where there is none, nothing happens.
package struct DeleteResourcePolicyRequest: Sendable {
    package var resource: ResourceARN
    package var expectedRevision: String?

    package init(resource: ResourceARN, expectedRevision: String? = nil) {
        self.resource = resource
        self.expectedRevision = expectedRevision
    }
}

extension DeleteResourcePolicyRequest: OperationRequest {
    package typealias Response = PolicyRevisionResponse
    package static let operation = OperationName.deleteResourcePolicy

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let arn = try checks.resourceARN(fields)
        expectedRevision = try checks.expectedRevision(fields)
        try checks.finish()
        resource = try ResourceARN(arn, for: .policy)
    }
}
