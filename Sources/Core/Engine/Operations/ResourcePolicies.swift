package import Wire

extension PutResourcePolicyRequest {
    package func perform(in context: inout WriteContext) throws -> PolicyRevisionResponse {
        var revision = String(context.wallMilliseconds)
        try context.changeOwnSettings(of: tableName, arn: resourceARN) {
            settings throws(ServiceError) in
            let present = settings.policy
            if let expectedRevision {
                guard expectedRevision == present?.revision ?? ResourcePolicy.noPolicy else {
                    throw .policyIsAnother(resourceARN)
                }
            }
            if let present, present.text == policy {
                revision = present.revision
            } else {
                settings.policy = ResourcePolicy(text: policy, revision: revision)
            }
        }
        return PolicyRevisionResponse(revision: revision)
    }
}

extension DeleteResourcePolicyRequest {
    package func perform(in context: inout WriteContext) throws -> PolicyRevisionResponse {
        var revision: String?
        try context.changeOwnSettings(of: tableName, arn: resourceARN) {
            settings throws(ServiceError) in
            revision = settings.policy?.revision
            guard expectedRevision == nil || expectedRevision == revision else {
                throw .policyIsAnother(resourceARN)
            }
            settings.policy = nil
        }
        return PolicyRevisionResponse(revision: revision)
    }
}

extension GetResourcePolicyRequest {
    package func perform(in context: ReadContext) throws -> GetResourcePolicyResponse {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.resourceMissing(resourceARN)
        }
        let own = table.description.replica(in: context.catalog.region)
        guard let policy = own?.settings.policy else {
            throw ServiceError.policyNotFound(resourceARN)
        }
        return GetResourcePolicyResponse(policy: policy)
    }
}
