import JSON

/// The lists of what there is none of: they are empty, and asked for in pages all the same.
extension AbsentFeatureRequest {
    init(
        list operation: OperationName,
        of fields: Fields,
        _ checks: inout Checks,
    ) throws(ServiceError) {
        switch operation {
        case .listBackups:
            try checks.readBackupList(fields)
            answer = .success(.nothing("BackupSummaries"))
        case .listExports:
            try checks.readPage(fields, of: "TableArn", "MaxResults", in: 1...25)
            answer = .success(.nothing("ExportSummaries"))
        case .listImports:
            try checks.readPage(fields, of: "TableArn", "PageSize", in: 1...25, tokens: 112...1024)
            answer = .success(.nothing("ImportSummaryList"))
        case .listBulkOperations:
            try checks.readPage(fields, "MaxResults", in: 1...25, tokens: 1...1024)
            answer = .success(.nothing("BulkOperationsSummaryList"))
        default:
            let range = Int(Int32.min)...100
            try checks.readPage(fields, of: "TableName", "MaxResults", in: range)
            answer = .success(.nothing("ContributorInsightsSummaries"))
        }
    }
}

extension Checks {
    fileprivate mutating func readBackupList(_ fields: Fields) throws(ServiceError) {
        _ = try optionalTableName(fields)
        _ = try integer(fields, "Limit", in: 1...100)
        let least = try fields.milliseconds("TimeRangeLowerBound")
        let most = try fields.milliseconds("TimeRangeUpperBound")
        if let least, let most, least > most {
            note(
                .invalidParameters(
                    "Time range lower bound must be less than or equal to upper bound"
                )
            )
        }
        let _: BackupType? = try choice(fields, "BackupType")
        if fields["ExclusiveStartBackupArn"] != nil {
            _ = try arn(fields, "ExclusiveStartBackupArn", AbsentFeatureRequest.arnLengthRange)
        }
    }

    /// What says which page of a list is asked for: the member that names the list's table, the one
    /// that says how many there may be in a page, and `NextToken`.
    ///
    /// Where the length of tokens is bound, they are hexadecimal digits in groups of 16.
    fileprivate mutating func readPage(
        _ fields: Fields,
        of table: String? = nil,
        _ bound: String,
        in range: ClosedRange<Int>,
        tokens: ClosedRange<Int>? = nil,
    ) throws(ServiceError) {
        if let table, let text = try fields.string(table) {
            let location = fields.location(table)
            checkLength(text.utf8.count, location, value: text, TableName.textLengthRange)
        }
        _ = try integer(fields, bound, in: range)
        guard let token = try fields.string("NextToken"), let tokens else { return }
        let location = fields.location("NextToken")
        if !Self.isToken(token) {
            let pattern = "Member must satisfy regular expression pattern: ([0-9a-f]{16})+"
            violate(location, value: token, pattern)
        }
        checkLength(token.utf8.count, location, value: token, tokens)
    }

    private static func isToken(_ text: String) -> Bool {
        let isHexadecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
            default: false
            }
        }
        return isHexadecimal && !text.isEmpty && text.utf8.count.isMultiple(of: 16)
    }
}

/// Whose backups `ListBackups` lists.
private enum BackupType: String, Choice {
    case user = "USER"
    case system = "SYSTEM"
    case awsBackup = "AWS_BACKUP"
    case all = "ALL"
}
