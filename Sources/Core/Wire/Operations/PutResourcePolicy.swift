package import JSON

/// Attaches a policy to a table, in the place of the one that it may have.
package struct PutResourcePolicyRequest: Sendable {
    package var resource: ResourceARN
    package var policy: String
    /// The revision that is to be replaced, or `ResourcePolicy.noPolicy`.
    package var expectedRevision: String?

    package init(
        resource: ResourceARN,
        policy: String,
        expectedRevision: String? = nil,
    ) {
        self.resource = resource
        self.policy = policy
        self.expectedRevision = expectedRevision
    }
}

/// The answer to `PutResourcePolicy` and `DeleteResourcePolicy`.
package struct PolicyRevisionResponse: Sendable {
    /// Nil where there was nothing to delete.
    package var revision: String?

    package init(revision: String?) {
        self.revision = revision
    }
}

extension PutResourcePolicyRequest: OperationRequest {
    package typealias Response = PolicyRevisionResponse
    package static let operation = OperationName.putResourcePolicy

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let arn = try checks.resourceARN(fields)
        policy = try checks.required(fields, "Policy")
        expectedRevision = try checks.expectedRevision(fields)
        _ = try fields.bool("ConfirmRemoveSelfResourceAccess")
        try checks.finish()

        resource = try ResourceARN(arn, for: .policy)
        try ResourcePolicy.check(policy)
    }
}

extension PolicyRevisionResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("RevisionId", revision)
        writer.endObject()
    }
}
