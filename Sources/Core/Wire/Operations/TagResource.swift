package import JSON

/// Puts tags on a table, over those that have the same keys.
package struct TagResourceRequest: Sendable {
    package var resource: ResourceARN
    /// At least one, each key once.
    package var tags: [Tag]

    package init(resource: ResourceARN, tags: [Tag]) {
        self.resource = resource
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
        let arn = try checks.resourceARN(fields)
        let tags = try checks.tags(fields)
        if tags == nil { checks.violateNotNull(fields.location("Tags")) }
        try checks.finish()

        resource = try ResourceARN(arn, for: .tags)
        guard let tags, !tags.isEmpty else {
            // The words are the service's.
            throw .validation("Atleast one Tag needs to be provided as Input.")
        }
        self.tags = try Tag.checked(tags)
    }
}
