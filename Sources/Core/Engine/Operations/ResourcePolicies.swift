package import Wire

extension PutResourcePolicyRequest {
    package func perform(in context: inout WriteContext) throws -> PolicyRevisionResponse {
        let now = context.wallMilliseconds
        var revision = ""
        try context.changeOwnSettings(of: resource) {
            settings throws(ServiceError) in
            let present = settings.policy
            if let expectedRevision {
                guard expectedRevision == present?.revision ?? ResourcePolicy.noPolicy else {
                    throw .policyIsAnother(
                        than: expectedRevision,
                        present?.revision,
                        of: resource.tableName,
                    )
                }
            }
            if let present, present.text == policy {
                revision = present.revision
            } else {
                // A later revision is a later time, even within one millisecond.
                let last = present.flatMap { Int64($0.revision) } ?? 0
                revision = String(max(Int64(now), last + 1))
                settings.policy = ResourcePolicy(text: policy, revision: revision)
            }
        }
        return PolicyRevisionResponse(revision: revision)
    }
}

extension DeleteResourcePolicyRequest {
    package func perform(in context: inout WriteContext) throws -> PolicyRevisionResponse {
        var revision: String?
        try context.changeOwnSettings(of: resource) {
            settings throws(ServiceError) in
            revision = settings.policy?.revision
            if let expectedRevision, expectedRevision != revision {
                throw .policyIsAnother(than: expectedRevision, revision, of: resource.tableName)
            }
            settings.policy = nil
        }
        return PolicyRevisionResponse(revision: revision)
    }
}

extension GetResourcePolicyRequest {
    package func perform(in context: ReadContext) throws -> GetResourcePolicyResponse {
        let table = try context.catalog.table(named: resource)
        let own = table.description.replica(in: context.catalog.region)
        guard let policy = own?.settings.policy else {
            throw ServiceError.policyNotFound(resource.text)
        }
        return GetResourcePolicyResponse(policy: policy)
    }
}
