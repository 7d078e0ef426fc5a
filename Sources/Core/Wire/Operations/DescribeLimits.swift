package import JSON

/// Asks for the account's and tables' capacity limits.
package struct DescribeLimitsRequest: Sendable {
    package init() {}
}

/// The answer to `DescribeLimits`; the defaults are the service's.
package struct DescribeLimitsResponse: Sendable {
    package var accountMaxReadCapacityUnits: Int64
    package var accountMaxWriteCapacityUnits: Int64
    package var tableMaxReadCapacityUnits: Int64
    package var tableMaxWriteCapacityUnits: Int64

    package init(
        accountMaxReadCapacityUnits: Int64 = 80_000,
        accountMaxWriteCapacityUnits: Int64 = 80_000,
        tableMaxReadCapacityUnits: Int64 = 40_000,
        tableMaxWriteCapacityUnits: Int64 = 40_000,
    ) {
        self.accountMaxReadCapacityUnits = accountMaxReadCapacityUnits
        self.accountMaxWriteCapacityUnits = accountMaxWriteCapacityUnits
        self.tableMaxReadCapacityUnits = tableMaxReadCapacityUnits
        self.tableMaxWriteCapacityUnits = tableMaxWriteCapacityUnits
    }
}

extension DescribeLimitsRequest: OperationRequest {
    package typealias Response = DescribeLimitsResponse
    package static let operation = OperationName.describeLimits

    package init(reading fields: Fields) throws(ServiceError) {}
}

extension DescribeLimitsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("AccountMaxReadCapacityUnits", accountMaxReadCapacityUnits)
        writer.member("AccountMaxWriteCapacityUnits", accountMaxWriteCapacityUnits)
        writer.member("TableMaxReadCapacityUnits", tableMaxReadCapacityUnits)
        writer.member("TableMaxWriteCapacityUnits", tableMaxWriteCapacityUnits)
        writer.endObject()
    }
}
