/// Takes tags from a table; keys that it does not have are no error.
package struct UntagResourceRequest: Sendable {
    package var resource: ResourceARN
    /// At least one.
    package var tagKeys: [String]

    package init(resource: ResourceARN, tagKeys: [String]) {
        self.resource = resource
        self.tagKeys = tagKeys
    }
}

extension UntagResourceRequest: OperationRequest {
    package typealias Response = EmptyResponse
    package static let operation = OperationName.untagResource

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let arn = try checks.resourceARN(fields)
        let keys = try checks.tagKeys(fields)
        if keys == nil { checks.violateNotNull(fields.location("TagKeys")) }
        try checks.finish()

        resource = try ResourceARN(arn, for: .tags)
        tagKeys = keys ?? []
        guard !tagKeys.isEmpty else {
            // The words are the service's.
            throw .validation("Atleast one Tag Key needs to be provided as Input.")
        }
        for key in tagKeys { _ = try Tag.checkedKey(key) }
        guard tagKeys.count <= TagLimits.tagsMax else { throw .tooManyTags }
    }
}
