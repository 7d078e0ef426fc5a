import JSON

/// What was throttled, and by which limit, as newer SDKs read it.
package struct ThrottlingReason: Equatable, Sendable {
    /// Such as `TableReadProvisionedThroughputExceeded`.
    package let reason: String
    /// The ARN of the table or index.
    package let resource: String
}

/// Errors about throughput, in the service's words.
extension ServiceError {
    package enum ThroughputUse: String, Sendable {
        case read = "Read"
        case write = "Write"
    }

    package static func throttled(
        _ use: ThroughputUse,
        isProvisioned: Bool,
        table: String,
        index: String?,
    ) -> ServiceError {
        var error =
            isProvisioned
            ? ServiceError(
                provisionedThroughputExceeded,
                "The level of configured provisioned throughput for "
                    + (index == nil
                        ? "the table" : "one or more global secondary indexes of the table")
                    + " was exceeded. Consider increasing your provisioning level "
                    + (index == nil
                        ? "with the UpdateTable API."
                        : "for the under-provisioned global secondary indexes with the UpdateTable API"),
            )
            : ServiceError(
                throttlingException,
                "Throughput exceeds the maximum OnDemandThroughput configured on table or index.",
            )
        let limit =
            isProvisioned ? "ProvisionedThroughputExceeded" : "MaxOnDemandThroughputExceeded"
        error.throttlingReasons = [
            ThrottlingReason(
                reason: "\(index == nil ? "Table" : "Index")\(use.rawValue)\(limit)",
                resource: table + (index.map { "/index/\($0)" } ?? ""),
            )
        ]
        return error
    }

    static let provisionedThroughputExceeded = "ProvisionedThroughputExceededException"
    static let throttlingException = "ThrottlingException"

    /// Whether the same request may succeed a little later, without any change.
    package var isThrottling: Bool { !throttlingReasons.isEmpty }
}

extension ThrottlingReason {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("reason", reason)
        writer.member("resource", resource)
        writer.endObject()
    }
}
