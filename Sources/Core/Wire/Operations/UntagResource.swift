/// Takes tags from a table; keys that it does not have are no error.
package struct UntagResourceRequest: Sendable {
    package var resourceARN: String
    /// The table that the ARN names.
    package var tableName: String
    /// At least one.
    package var tagKeys: [String]

    package init(resourceARN: String, tableName: String, tagKeys: [String]) {
        self.resourceARN = resourceARN
        self.tableName = tableName
        self.tagKeys = tagKeys
    }
}

extension UntagResourceRequest: OperationRequest {
    package typealias Response = EmptyResponse
    package static let operation = OperationName.untagResource

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        resourceARN = try checks.resourceARN(fields)
        let keys = try checks.tagKeys(fields)
        if keys == nil { checks.violateNotNull(fields.location("TagKeys")) }
        try checks.finish()

        tableName = try ResourceARN.tableName(in: resourceARN)
        tagKeys = keys ?? []
        guard !tagKeys.isEmpty else {
            // The words are the service's.
            throw .validation("Atleast one Tag Key needs to be provided as Input.")
        }
    }
}
