package import JSON

/// Lists the tags of a table.
package struct ListTagsOfResourceRequest: Sendable {
    package var resource: ResourceARN

    package init(resource: ResourceARN) {
        self.resource = resource
    }
}

/// The answer to `ListTagsOfResource`: always one page, since a table has no more than 50 tags.
package struct ListTagsOfResourceResponse: Sendable {
    /// In the order in which the keys came to the table.
    package var tags: [Tag]

    package init(tags: [Tag]) {
        self.tags = tags
    }
}

extension ListTagsOfResourceRequest: OperationRequest {
    package typealias Response = ListTagsOfResourceResponse
    package static let operation = OperationName.listTagsOfResource

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let arn = try checks.resourceARN(fields)
        let token = try fields.string("NextToken")
        try checks.finish()

        resource = try ResourceARN(arn, for: .tags)
        // No answer gives a token, so none is one that an answer gave.
        guard token == nil else { throw .invalidParameters("Invalid NextToken") }
    }
}

extension ListTagsOfResourceResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("Tags")
        writer.beginArray()
        for tag in tags { tag.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}
