package import JSON

/// Asks for the policy that is attached to a table.
package struct GetResourcePolicyRequest: Sendable {
    package var resource: ResourceARN

    package init(resource: ResourceARN) {
        self.resource = resource
    }
}

/// The answer to `GetResourcePolicy`.
package struct GetResourcePolicyResponse: Sendable {
    package var policy: ResourcePolicy

    package init(policy: ResourcePolicy) {
        self.policy = policy
    }
}

extension GetResourcePolicyRequest: OperationRequest {
    package typealias Response = GetResourcePolicyResponse
    package static let operation = OperationName.getResourcePolicy

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let arn = try checks.resourceARN(fields)
        try checks.finish()
        resource = try ResourceARN(arn, for: .policy)
    }
}

extension GetResourcePolicyResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("Policy", policy.text)
        writer.member("RevisionId", policy.revision)
        writer.endObject()
    }
}
