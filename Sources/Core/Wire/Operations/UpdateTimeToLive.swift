package import Items
package import JSON

/// Says which attribute of a table's items tells when they expire, or that they do not.
package struct UpdateTimeToLiveRequest: Sendable {
    package var tableName: String
    package var specification: TimeToLiveSpecification

    package init(tableName: String, specification: TimeToLiveSpecification) {
        self.tableName = tableName
        self.specification = specification
    }
}

package struct TimeToLiveSpecification: Equatable, Sendable {
    package var isEnabled: Bool
    /// 1 to 255 bytes.
    package var attributeName: Text

    package init(isEnabled: Bool, attributeName: Text) {
        self.isEnabled = isEnabled
        self.attributeName = attributeName
    }
}

/// The answer to `UpdateTimeToLive`: what was asked.
package struct UpdateTimeToLiveResponse: Sendable {
    package var specification: TimeToLiveSpecification

    package init(specification: TimeToLiveSpecification) {
        self.specification = specification
    }
}

extension UpdateTimeToLiveRequest: OperationRequest {
    package typealias Response = UpdateTimeToLiveResponse
    package static let operation = OperationName.updateTimeToLive

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        specification = TimeToLiveSpecification(isEnabled: false, attributeName: "")
        let name = "TimeToLiveSpecification"
        if let part = try fields.structure(name) {
            specification.attributeName = try checks.keyAttributeName(part)
            let isEnabled = try part.bool("Enabled")
            if isEnabled == nil { checks.violateNotNull(part.location("Enabled")) }
            specification.isEnabled = isEnabled ?? false
        } else {
            checks.violateNotNull(fields.location(name))
        }
        try checks.finish()
    }
}

extension UpdateTimeToLiveResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TimeToLiveSpecification")
        writer.beginObject()
        writer.member("Enabled", specification.isEnabled)
        writer.member("AttributeName", specification.attributeName.string)
        writer.endObject()
        writer.endObject()
    }
}
