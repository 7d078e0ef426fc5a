package import JSON

/// An operation on a feature that no table here has: backups, exports, imports, bulk operations,
/// vector indexes, Kinesis streams and contributor insights.
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
        case .listBackups, .listExports, .listImports, .listBulkOperations,
            .listContributorInsights:
            try self.init(list: operation, of: fields, &checks)
        case .restoreTableFromBackup: try self.init(restoreFromBackup: fields, &checks)
        case .restoreTableToPointInTime: try self.init(restoreToPointInTime: fields, &checks)
        case .exportTableToPointInTime: try self.init(export: fields, &checks)
        case .describeExport: try self.init(describeExport: fields, &checks)
        case .importTable: try self.init(importTable: fields, &checks)
        case .describeImport: try self.init(describeImport: fields, &checks)
        case .startBulkPutItems: try self.init(bulkPut: fields, &checks)
        case .describeBulkOperation, .cancelBulkOperation:
            try self.init(bulkOperation: fields, &checks)
        case .searchVectors: try self.init(search: fields, &checks)
        case .describeContributorInsights: try self.init(insights: fields, &checks)
        case .updateContributorInsights: try self.init(updateInsights: fields, &checks)
        case .describeKinesisStreamingDestination: try self.init(destinations: fields, &checks)
        default: try self.init(changeDestination: fields, operation, &checks)
        }
        try checks.finish()
    }
}

// MARK: Backups

extension AbsentFeatureRequest {
    static let arnLengthRange = 37...1024

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
        let arn = try checks.arn(fields, "BackupArn", of: "Backup")
        answer = .failure(ServiceError("BackupNotFoundException", "Backup not found: \(arn)"))
    }

    fileprivate init(
        restoreFromBackup fields: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        let target = try checks.newTableName(fields)
        let arn = try checks.arn(fields, "BackupArn", of: "Backup")
        let _: BillingMode? = try checks.choice(fields, "BillingModeOverride")
        absent = [Table(name: target, error: .tableTaken(target))]
        answer = .failure(ServiceError("BackupNotFoundException", "Backup not found: \(arn)"))
    }

    fileprivate init(
        restoreToPointInTime fields: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        let target = try checks.newTableName(fields)
        let given = [
            try fields.string("SourceTableName"),
            try fields.string("SourceTableArn").map(TableName.name),
        ].compactMap(\.self)
        guard given.count == 1, let source = given.first else {
            throw .validation("Must provide exactly one of: sourceTableArn, sourceTableName")
        }
        absent = [Table(name: target, error: .tableTaken(target))]
        let missing = ServiceError("TableNotFoundException", "Table not found: \(source)")
        present = [Table(name: source, error: missing)]
        answer = .failure(.noPointInTimeRecovery(of: source))
    }
}

// MARK: Exports and imports

extension AbsentFeatureRequest {
    fileprivate init(export fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.required(fields, "TableArn")
        let bucket = try checks.required(fields, "S3Bucket")
        if fields["S3Bucket"] != nil { checks.checkBucket(bucket, at: fields.location("S3Bucket")) }
        let name = TableName.name(in: arn)
        if fields["TableArn"] != nil, name == arn {
            checks.note(.validation("Invalid TableArn: Invalid Table ARN"))
        }
        let missing = ServiceError("TableNotFoundException", "Table not found: \(arn)")
        present = [Table(name: name, error: missing)]
        answer = .failure(.noPointInTimeRecovery(of: name))
    }

    fileprivate init(describeExport fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.arn(fields, "ExportArn", of: "Export")
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
        let arn = try checks.arn(fields, "ImportArn", of: "Import")
        answer = .failure(ServiceError("ImportNotFoundException", "Import not found: \(arn)"))
    }
}

// MARK: Bulk operations

extension AbsentFeatureRequest {
    fileprivate init(bulkPut fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let table = try checks.tableName(fields)
        for name in ["InputS3Configuration", "OutputS3Configuration"] where fields[name] == nil {
            checks.violateNotNull(fields.location(name))
        }
        present = [Table(name: table, error: .tableNotFound(table))]
        answer = .failure(Unsupported.notSupported("StartBulkPutItems"))
    }

    fileprivate init(bulkOperation fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let arn = try checks.arn(fields, "BulkOperationArn", Self.arnLengthRange)
        answer = .failure(.resourceNotFound("Bulk operation not found: \(arn)"))
    }
}

// MARK: Contributor insights and Kinesis streams

extension AbsentFeatureRequest {
    fileprivate init(insights fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let table = try checks.tableName(fields)
        let index = try fields.string("IndexName")
        if let index, TableName.lengthRange.contains(index.utf8.count) {
            checks.checkName(index, at: fields.location("IndexName"))
        } else if let index {
            checks.checkNameLength(index, "IndexName")
        }
        present = [Table(name: table, error: .tableNotFound(table))]
        if let index {
            let missing = ServiceError.resourceNotFound(
                "Requested resource not found: Index: \(index) not found for table: \(table)"
            )
            self.index = Index(tableName: table, name: index, error: missing)
        }
        answer = .success(.insights(tableName: table, indexName: index))
    }

    fileprivate init(updateInsights fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        try self.init(insights: fields, &checks)
        let _: InsightsMode? = try checks.choice(fields, "ContributorInsightsMode")
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
        let settings =
            operation == .updateKinesisStreamingDestination
            ? "UpdateKinesisStreamingConfiguration" : "EnableKinesisStreamingConfiguration"
        if let settings = try fields.structure(settings) {
            let _: DestinationPrecision? = try checks.choice(
                settings,
                "ApproximateCreationDateTimePrecision",
            )
        }
        let table = try fields.string("TableName").map(TableName.name) ?? ""
        let fault: ServiceError =
            switch operation {
            case .enableKinesisStreamingDestination: Unsupported.notSupported(operation.rawValue)
            case .disableKinesisStreamingDestination:
                .noDestination(
                    "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."
                )
            default:
                .noDestination(
                    "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE "
                        + "state. TableName: \(table), kdsArn: \(stream)"
                )
            }
        answer = .failure(fault)
    }
}

/// How exactly records of a Kinesis stream say when a change was made.
private enum DestinationPrecision: String, Choice {
    case millisecond = "MILLISECOND"
    case microsecond = "MICROSECOND"
}

private enum InsightsMode: String, Choice {
    case throttledKeys = "THROTTLED_KEYS"
    case accessedAndThrottledKeys = "ACCESSED_AND_THROTTLED_KEYS"
}

private enum InsightsAction: String, Choice {
    case enable = "ENABLE"
    case disable = "DISABLE"
}

// MARK: Parts

extension Checks {
    /// An ARN that must be there; which it is does not matter, since none names anything here.
    mutating func arn(
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

    /// The ARN of a backup, an export or an import, `kind`, which must be there.
    fileprivate mutating func arn(
        _ fields: Fields,
        _ name: String,
        of kind: String,
    ) throws(ServiceError) -> String {
        let arn = try required(fields, name)
        if fields[name] != nil,
            !arn.hasPrefix("arn:") || !arn.contains(":table/")
                || !arn.contains("/\(kind.lowercased())/")
        {
            note(.validation("Invalid \(kind) ARN"))
        }
        return arn
    }

    fileprivate mutating func checkBucket(_ name: String, at location: String) {
        // The form is `^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$`.
        func isEnd(_ byte: UInt8?) -> Bool {
            guard let byte else { return false }
            return TableName.hasValidCharacters(String(UnicodeScalar(byte)))
                && !"_-.".utf8.contains(byte)
        }
        let isValid =
            name.utf8.count >= 2 && isEnd(name.utf8.first) && isEnd(name.utf8.last)
            && TableName.hasValidCharacters(name)
        guard !isValid else { return checkLength(name.utf8.count, location, value: name, 0...255) }
        violate(
            location,
            value: name,
            "Member must satisfy regular expression pattern: "
                + #"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$"#,
        )
    }

    /// The service tells of some names' lengths in words of its own.
    mutating func checkNameLength(_ name: String, _ member: String) {
        let range = TableName.lengthRange
        guard !range.contains(name.utf8.count) else { return }
        note(
            .validation(
                "\(member) must be at least \(range.lowerBound) characters long and at most "
                    + "\(range.upperBound) characters long"
            )
        )
    }

    /// `TargetTableName`: the table that a restore would make.
    fileprivate mutating func newTableName(_ fields: Fields) throws(ServiceError) -> String {
        let name = try required(fields, "TargetTableName")
        if fields["TargetTableName"] != nil { checkNameLength(name, "TableName") }
        return name
    }
}

extension ServiceError {
    fileprivate static func tableTaken(_ name: String) -> ServiceError {
        ServiceError("TableAlreadyExistsException", "Table already exists: \(name)")
    }

    fileprivate static func noDestination(_ detail: String) -> ServiceError {
        validation(
            "Table is not in a valid state to enable Kinesis Streaming Destination: \(detail)"
        )
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
