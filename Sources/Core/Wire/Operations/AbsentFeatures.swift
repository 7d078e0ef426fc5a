package import JSON

/// An operation on a feature that no table here has: backups, exports, imports, Kinesis streams and
/// contributor insights.
///
/// What is true where they are not used is said as the service says it: lists are empty, what is
/// asked for by name is not found, settings are disabled. Whatever would begin to use them is
/// refused.
package struct AbsentFeatureRequest: Sendable {
    /// A table, and what is answered if it is not there, or is.
    package struct Table: Sendable {
        package var name: String
        package var error: ServiceError
    }

    /// An index of a table that is there, and what is answered if the table has none of that name.
    package struct Index: Sendable {
        package var tableName: String
        package var name: String
        package var error: ServiceError
    }

    /// Tables that must be there.
    package var present: [Table] = []
    /// Tables that must not.
    package var absent: [Table] = []
    package var index: Index?
    package var answer: Result<AbsentFeatureResponse, ServiceError>
}

/// What is said of a feature that is not used.
package enum AbsentFeatureResponse: Sendable {
    /// A list without elements, under a name.
    case nothing(StaticString)
    /// Contributor insights of a table or index are disabled.
    case insights(tableName: String, indexName: String?)
    /// A table sends its changes to no Kinesis stream.
    case destinations(tableName: String)
}

extension AbsentFeatureRequest {
    /// The operation's own fields, with the service's constraints.
    init(_ operation: OperationName, reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        switch operation {
        case .createBackup: try self.init(createBackup: fields, &checks)
        case .describeBackup, .deleteBackup: try self.init(backup: fields, &checks)
        case .listBackups: try self.init(listBackups: fields, &checks)
        case .restoreTableFromBackup: try self.init(restoreFromBackup: fields, &checks)
        case .restoreTableToPointInTime: try self.init(restoreToPointInTime: fields, &checks)
        case .exportTableToPointInTime: try self.init(export: fields, &checks)
        case .describeExport: try self.init(describeExport: fields, &checks)
        case .listExports:
            try self.init(list: "ExportSummaries", "MaxResults", in: 1...25, fields, &checks)
        case .importTable: try self.init(importTable: fields, &checks)
        case .describeImport: try self.init(describeImport: fields, &checks)
        case .listImports:
            try self.init(list: "ImportSummaryList", "PageSize", in: 1...25, fields, &checks)
        case .describeContributorInsights: try self.init(insights: fields, &checks)
        case .updateContributorInsights: try self.init(updateInsights: fields, &checks)
        case .listContributorInsights:
            let name: StaticString = "ContributorInsightsSummaries"
            try self.init(list: name, "MaxResults", in: Int(Int32.min)...100, fields, &checks)
        case .describeKinesisStreamingDestination: try self.init(destinations: fields, &checks)
        default: try self.init(changeDestination: fields, operation, &checks)
        }
        try checks.finish()
    }
}

// MARK: Backups

extension AbsentFeatureRequest {
    private static let arnLengthRange = 37...1024

    fileprivate init(createBackup fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let table = try checks.tableName(fields)
        let name = try checks.required(fields, "BackupName")
        if fields["BackupName"] != nil {
            checks.checkName(name, at: fields.location("BackupName"))
        }
        present = [Table(name: table, error: .noTable(table))]
        answer = .failure(Unsupported.notSupported("CreateBackup"))
    }

    fileprivate init(backup fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.arn(fields, "BackupArn", Self.arnLengthRange)
        answer = .failure(ServiceError("BackupNotFoundException", "Backup not found: \(arn)"))
    }

    fileprivate init(listBackups fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        _ = try checks.optionalTableName(fields)
        _ = try checks.integer(fields, "Limit", in: 1...100)
        let _: BackupType? = try checks.choice(fields, "BackupType")
        if fields["ExclusiveStartBackupArn"] != nil {
            _ = try checks.arn(fields, "ExclusiveStartBackupArn", Self.arnLengthRange)
        }
        answer = .success(.nothing("BackupSummaries"))
    }

    fileprivate init(
        restoreFromBackup fields: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        let target = try checks.newTableName(fields)
        let arn = try checks.arn(fields, "BackupArn", Self.arnLengthRange)
        absent = [Table(name: target, error: .tableTaken(target))]
        answer = .failure(ServiceError("BackupNotFoundException", "Backup not found: \(arn)"))
    }

    fileprivate init(
        restoreToPointInTime fields: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        let target = try checks.newTableName(fields)
        let arn = try fields.string("SourceTableArn")
        guard let source = try fields.string("SourceTableName") ?? arn.map(TableName.name) else {
            throw .validation("Either SourceTableName or SourceTableArn must be specified")
        }
        absent = [Table(name: target, error: .tableTaken(target))]
        let missing = ServiceError("TableNotFoundException", "Source table not found: \(source)")
        present = [Table(name: source, error: missing)]
        answer = .failure(.noPointInTimeRecovery(of: source))
    }
}

/// Whose backups `ListBackups` lists.
private enum BackupType: String, Choice {
    case user = "USER"
    case system = "SYSTEM"
    case awsBackup = "AWS_BACKUP"
    case all = "ALL"
}

// MARK: Exports and imports

extension AbsentFeatureRequest {
    fileprivate init(export fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.arn(fields, "TableArn", 1...1024)
        if fields["S3Bucket"] == nil { checks.violateNotNull(fields.location("S3Bucket")) }
        let name = TableName.name(in: arn)
        let missing = ServiceError("TableNotFoundException", "Table not found: \(arn)")
        present = [Table(name: name, error: missing)]
        answer = .failure(.noPointInTimeRecovery(of: name))
    }

    fileprivate init(describeExport fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.arn(fields, "ExportArn", Self.arnLengthRange)
        answer = .failure(ServiceError("ExportNotFoundException", "Export not found: \(arn)"))
    }

    fileprivate init(importTable fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        for name in ["S3BucketSource", "InputFormat", "TableCreationParameters"]
        where fields[name] == nil {
            checks.violateNotNull(fields.location(name))
        }
        answer = .failure(Unsupported.notSupported("ImportTable"))
    }

    fileprivate init(describeImport fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.arn(fields, "ImportArn", Self.arnLengthRange)
        answer = .failure(ServiceError("ImportNotFoundException", "Import not found: \(arn)"))
    }

    /// A list of what there is none of, asked for with a bound for each page.
    fileprivate init(
        list name: StaticString,
        _ bound: String,
        in range: ClosedRange<Int>,
        _ fields: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        _ = try checks.integer(fields, bound, in: range)
        answer = .success(.nothing(name))
    }
}

// MARK: Contributor insights and Kinesis streams

extension AbsentFeatureRequest {
    fileprivate init(insights fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let table = try checks.tableName(fields)
        let index = try checks.indexName(fields)
        present = [Table(name: table, error: .tableNotFound(table))]
        if let index {
            let missing = ServiceError.indexMissing(index, table: table)
            self.index = Index(tableName: table, name: index, error: missing)
        }
        answer = .success(.insights(tableName: table, indexName: index))
    }

    fileprivate init(updateInsights fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        try self.init(insights: fields, &checks)
        let action: InsightsAction? = try checks.choice(fields, "ContributorInsightsAction")
        if fields["ContributorInsightsAction"] == nil {
            checks.violateNotNull(fields.location("ContributorInsightsAction"))
        }
        if action == .enable {
            answer = .failure(Unsupported.notSupported("ContributorInsightsAction ENABLE"))
        }
    }

    fileprivate init(destinations fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let table = try checks.tableName(fields)
        present = [Table(name: table, error: .tableNotFound(table))]
        answer = .success(.destinations(tableName: table))
    }

    fileprivate init(
        changeDestination fields: Fields,
        _ operation: OperationName,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        try self.init(destinations: fields, &checks)
        let stream = try checks.arn(fields, "StreamArn", Self.arnLengthRange)
        answer = .failure(
            operation == .enableKinesisStreamingDestination
                ? Unsupported.notSupported(operation.rawValue)
                : .resourceNotFound(
                    "Requested resource not found: the table has no destination \(stream)"
                )
        )
    }
}

private enum InsightsAction: String, Choice {
    case enable = "ENABLE"
    case disable = "DISABLE"
}

// MARK: Parts

extension Checks {
    /// An ARN that must be there; which it is does not matter, since none names anything here.
    fileprivate mutating func arn(
        _ fields: Fields,
        _ name: String,
        _ range: ClosedRange<Int>,
    ) throws(ServiceError) -> String {
        let arn = try required(fields, name)
        if fields[name] != nil {
            checkLength(arn.utf8.count, fields.location(name), value: arn, range)
        }
        return arn
    }

    /// `TargetTableName`: the table that a restore would make.
    fileprivate mutating func newTableName(_ fields: Fields) throws(ServiceError) -> String {
        let name = try required(fields, "TargetTableName")
        if fields["TargetTableName"] != nil {
            checkName(name, at: fields.location("TargetTableName"))
        }
        return name
    }
}

extension ServiceError {
    fileprivate static func tableTaken(_ name: String) -> ServiceError {
        ServiceError("TableAlreadyExistsException", "Table already exists: \(name)")
    }

    fileprivate static func noPointInTimeRecovery(of name: String) -> ServiceError {
        ServiceError(
            "PointInTimeRecoveryUnavailableException",
            "Point in time recovery is not enabled for table '\(name)'",
        )
    }
}

extension AbsentFeatureResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .nothing(let name):
            writer.name(name)
            writer.beginArray()
            writer.endArray()
        case .insights(let tableName, let indexName):
            writer.member("TableName", tableName)
            writer.member("IndexName", indexName)
            writer.member("ContributorInsightsStatus", "DISABLED")
        case .destinations(let tableName):
            writer.member("TableName", tableName)
            writer.name("KinesisDataStreamDestinations")
            writer.beginArray()
            writer.endArray()
        }
        writer.endObject()
    }
}
