/// Switches continuous backups; on is refused, off is what they are.
package struct UpdateContinuousBackupsRequest: Sendable {
    package var tableName: String
    package var enables: Bool

    package init(tableName: String, enables: Bool) {
        self.tableName = tableName
        self.enables = enables
    }
}

extension UpdateContinuousBackupsRequest: OperationRequest {
    package typealias Response = ContinuousBackupsResponse
    package static let operation = OperationName.updateContinuousBackups

    private static let recoveryDaysRange = 1...35

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        let name = "PointInTimeRecoverySpecification"
        let specification = try fields.structure(name)
        let switched = try specification?.bool("PointInTimeRecoveryEnabled")
        if let specification {
            if switched == nil {
                checks.violateNotNull(specification.location("PointInTimeRecoveryEnabled"))
            }
            let days = try checks.integer(
                specification,
                "RecoveryPeriodInDays",
                in: Self.recoveryDaysRange,
            )
            if switched == false, days != nil {
                checks.note(
                    .validation(
                        "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling "
                            + "point-in-time recovery."
                    )
                )
            }
        } else {
            checks.violateNotNull(fields.location(name))
        }
        try checks.finish()
        enables = switched ?? false
    }

    /// What to answer for a table that is there.
    package func checkServed() throws(ServiceError) {
        if enables { throw Unsupported.notSupported("Point-in-time recovery") }
    }
}
