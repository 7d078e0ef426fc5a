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
