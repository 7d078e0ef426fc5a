package import JSON

/// Asks which address serves the API.
package struct DescribeEndpointsRequest: Sendable {
    package init() {}
}

/// The answer to `DescribeEndpoints`.
package struct DescribeEndpointsResponse: Sendable {
    /// `host:port`, without a scheme.
    package var address: String
    package var cachePeriodInMinutes: Int64

    package init(
        address: String,
        cachePeriodInMinutes: Int64 = 1440,
    ) {
        self.address = address
        self.cachePeriodInMinutes = cachePeriodInMinutes
    }
}

extension DescribeEndpointsRequest: OperationRequest {
    package typealias Response = DescribeEndpointsResponse
    package static let operation = OperationName.describeEndpoints

    package init(reading fields: Fields) throws(ServiceError) {}
}

extension DescribeEndpointsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("Endpoints")
        writer.beginArray()
        writer.beginObject()
        writer.member("Address", address)
        writer.member("CachePeriodInMinutes", cachePeriodInMinutes)
        writer.endObject()
        writer.endArray()
        writer.endObject()
    }
}
