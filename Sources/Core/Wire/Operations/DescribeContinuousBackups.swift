package import JSON

/// Asks whether a table can be recovered to a point in time.
package struct DescribeContinuousBackupsRequest: Sendable {
    package var tableName: String

    package init(tableName: String) {
        self.tableName = tableName
    }
}

/// The answer to `DescribeContinuousBackups` and `UpdateContinuousBackups`: no table is recovered.
package struct ContinuousBackupsResponse: Sendable {
    /// The service switches backups on by itself; what can be asked for is recovery.
    package var isOn: Bool

    package init(isOn: Bool) {
        self.isOn = isOn
    }
}

extension DescribeContinuousBackupsRequest: OperationRequest {
    package typealias Response = ContinuousBackupsResponse
    package static let operation = OperationName.describeContinuousBackups

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        try checks.finish()
    }
}

extension ContinuousBackupsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("ContinuousBackupsDescription")
        writer.beginObject()
        writer.member("ContinuousBackupsStatus", isOn ? "ENABLED" : "DISABLED")
        writer.name("PointInTimeRecoveryDescription")
        writer.beginObject()
        writer.member("PointInTimeRecoveryStatus", "DISABLED")
        writer.endObject()
        writer.endObject()
        writer.endObject()
    }
}

extension ServiceError {
    /// What operations on backups and global tables say of a table that is not there.
    package static func noTable(_ name: String) -> ServiceError {
        ServiceError("TableNotFoundException", "Table not found: \(name)")
    }
}
