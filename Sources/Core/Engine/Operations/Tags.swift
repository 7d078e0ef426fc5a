package import Wire

extension TagResourceRequest {
    package func perform(in context: inout WriteContext) throws -> EmptyResponse {
        try context.changeTags(of: resource) { present throws(ServiceError) in
            for tag in tags {
                if let place = present.firstIndex(where: { $0.key == tag.key }) {
                    present[place] = tag
                } else {
                    present.append(tag)
                }
            }
            guard present.count <= TagLimits.tagsMax else { throw .tooManyTags }
        }
        return EmptyResponse()
    }
}

extension UntagResourceRequest {
    package func perform(in context: inout WriteContext) throws -> EmptyResponse {
        try context.changeTags(of: resource) { present throws(ServiceError) in
            present.removeAll { tagKeys.contains($0.key) }
        }
        return EmptyResponse()
    }
}

extension ListTagsOfResourceRequest {
    package func perform(in context: ReadContext) throws -> ListTagsOfResourceResponse {
        let table = try context.catalog.table(named: resource)
        let own = table.description.replica(in: context.catalog.region)
        return ListTagsOfResourceResponse(tags: own?.settings.tags ?? [])
    }
}

extension WriteContext {
    /// Changes the tags of a table that an ARN names; they are the region's own.
    fileprivate func changeTags(
        of resource: ResourceARN,
        _ change: (inout [Tag]) throws(ServiceError) -> Void,
    ) throws {
        try changeOwnSettings(of: resource) { settings throws(ServiceError) in
            try change(&settings.tags)
        }
    }

    /// Changes what this region alone keeps of a table that an ARN names.
    func changeOwnSettings(
        of resource: ResourceARN,
        _ change: (inout RegionalSettings) throws(ServiceError) -> Void,
    ) throws {
        let engine = group.engine
        let table = try engine.catalog.table(named: resource)
        var parts = table.description
        switch table.state.phase {
        case .active: break
        case .joining, .catchingUp: throw ServiceError.tableBeingCreated(resource.tableName)
        case .draining, .expelled: throw ServiceError.tableBeingDeleted(resource.tableName)
        }
        guard let place = parts.replicas.firstIndex(where: { $0.region == engine.region }) else {
            throw resource.missing
        }
        let before = parts.replicas[place].settings
        try change(&parts.replicas[place].settings)
        guard parts.replicas[place].settings != before else { return }
        try group.writePart(.settings(region: engine.region), of: table.id, parts)
    }
}

extension TableCatalog {
    /// The table that an ARN names.
    func table(named resource: ResourceARN) throws(ServiceError) -> Table {
        try resource.check(in: region)
        guard let table = table(named: resource.tableName) else { throw resource.missing }
        return table
    }
}
