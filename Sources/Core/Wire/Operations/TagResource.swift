package import JSON

/// Puts tags on a table, over those that have the same keys.
package struct TagResourceRequest: Sendable {
    package var resourceARN: String
    /// The table that the ARN names.
    package var tableName: String
    /// At least one, each key once.
    package var tags: [Tag]

    package init(resourceARN: String, tableName: String, tags: [Tag]) {
        self.resourceARN = resourceARN
        self.tableName = tableName
        self.tags = tags
    }
}

/// The answer of an operation that answers nothing: no body.
package struct EmptyResponse: OperationResponse {
    package init() {}

    package func write(to writer: inout JSONWriter) {}
}

extension TagResourceRequest: OperationRequest {
    package typealias Response = EmptyResponse
    package static let operation = OperationName.tagResource

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        resourceARN = try checks.resourceARN(fields)
        let tags = try checks.tags(fields)
        if tags == nil { checks.violateNotNull(fields.location("Tags")) }
        try checks.finish()

        tableName = try ResourceARN.tableName(in: resourceARN)
        self.tags = tags ?? []
        guard !self.tags.isEmpty else {
            // The words are the service's.
            throw .validation("Atleast one Tag needs to be provided as Input.")
        }
        try Tag.check(self.tags)
    }
}
