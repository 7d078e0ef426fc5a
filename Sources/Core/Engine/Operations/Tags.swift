package import Wire

extension TagResourceRequest {
    package func perform(in context: inout WriteContext) throws -> EmptyResponse {
        try context.changeTags(of: tableName, arn: resourceARN) { present throws(ServiceError) in
            for tag in tags {
                if let place = present.firstIndex(where: { $0.key == tag.key }) {
                    present[place] = tag
                } else {
                    present.append(tag)
                }
            }
            guard present.count <= TagLimits.tagsMax else { throw .tooManyTags(present.count) }
        }
        return EmptyResponse()
    }
}

extension UntagResourceRequest {
    package func perform(in context: inout WriteContext) throws -> EmptyResponse {
        try context.changeTags(of: tableName, arn: resourceARN) { present throws(ServiceError) in
            present.removeAll { tagKeys.contains($0.key) }
        }
        return EmptyResponse()
    }
}

extension ListTagsOfResourceRequest {
    package func perform(in context: ReadContext) throws -> ListTagsOfResourceResponse {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.resourceMissing(resourceARN)
        }
        let own = table.description.replica(in: context.catalog.region)
        return ListTagsOfResourceResponse(tags: own?.settings.tags ?? [])
    }
}

extension WriteContext {
    /// Changes the tags of a table that an ARN names; they are the region's own.
    fileprivate func changeTags(
        of name: String,
        arn: String,
        _ change: (inout [Tag]) throws(ServiceError) -> Void,
    ) throws {
        try changeOwnSettings(of: name, arn: arn) { settings throws(ServiceError) in
            try change(&settings.tags)
        }
    }

    /// Changes what this region alone keeps of a table that an ARN names.
    func changeOwnSettings(
        of name: String,
        arn: String,
        _ change: (inout RegionalSettings) throws(ServiceError) -> Void,
    ) throws {
        let engine = group.engine
        guard let table = engine.catalog.table(named: name) else {
            throw ServiceError.resourceMissing(arn)
        }
        var parts = table.description
        switch table.state.phase {
        case .active: break
        case .joining, .catchingUp: throw ServiceError.tableBeingCreated(name)
        case .draining, .expelled: throw ServiceError.tableBeingDeleted(name)
        }
        guard let place = parts.replicas.firstIndex(where: { $0.region == engine.region }) else {
            throw ServiceError.resourceMissing(arn)
        }
        let before = parts.replicas[place].settings
        try change(&parts.replicas[place].settings)
        guard parts.replicas[place].settings != before else { return }
        try group.writePart(.settings(region: engine.region), of: table.id, parts)
    }
}
