import JSON

/// The name of a table as a resource: `arn:aws:dynamodb:REGION:000000000000:table/NAME`.
///
/// Wherever a table is called by its name, it can be called so.
package struct TableARN {
    /// There is one account, and it has no number.
    package static let account = "000000000000"
    private static let partition = "aws"
    private static let service = "dynamodb"

    /// What stands between the colons, the last part with all colons that follow.
    private let parts: [Substring]

    package static func text(region: String, tableName: String) -> String {
        "arn:\(partition):\(service):\(region):\(account):table/\(tableName)"
    }

    /// Nil if `text` is no ARN at all, but may be a name.
    package init?(_ text: String) {
        // By bytes: every request asks, and going by characters costs ten times as much.
        guard text.utf8.starts(with: "arn:".utf8) else { return nil }
        parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    }

    /// The name of the table; nil if the form is not that of a table's ARN.
    package var tableName: String? {
        guard parts.count == 6, parts[2] == Self.service, parts[5].hasPrefix("table/") else {
            return nil
        }
        return String(parts[5].dropFirst("table/".count))
    }

    /// What the form of the ARN violates, in the service's words.
    var violation: String? {
        guard let tableName else {
            let isOther = parts.count == 6 && parts[2] == Self.service && parts[5].contains("/")
            return isOther ? "Invalid resource type" : Self.form
        }
        guard tableName.utf8.count >= TableName.lengthRange.lowerBound else {
            return "Table name of ARN must have length greater than or equal to "
                + "\(TableName.lengthRange.lowerBound)"
        }
        return TableName.isValid(tableName) ? nil : Self.form
    }

    private static let form =
        "Valid ARN format is "
        + "'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/resourceName', where "
        + "Resource name must have length less than or equal to \(TableName.lengthRange.upperBound), "
        + "Resource name must have length greater than or equal to "
        + "\(TableName.lengthRange.lowerBound), "
        + "Resource name must satisfy regular expression pattern: \(TableName.pattern)"

    /// Refuses a request that calls a table by an ARN of another region than `region`, or of another
    /// account, wherever it can name one beside a statement.
    static func check(
        all body: JSONValue,
        in region: String,
        for operation: OperationName,
    ) throws(ServiceError) {
        try check(in: body, in: region, for: operation)
        if case .object(let tables)? = body["RequestItems"] {
            for table in tables { try check(table.name, in: region, for: operation) }
        }
        guard case .array(let items)? = body["TransactItems"] else { return }
        for case .object(let actions) in items {
            for action in actions { try check(in: action.value, in: region, for: operation) }
        }
    }

    private static func check(
        in structure: JSONValue,
        in region: String,
        for operation: OperationName,
    ) throws(ServiceError) {
        guard case .string(let text)? = structure["TableName"] else { return }
        try check(text, in: region, for: operation)
    }

    private static func check(
        _ text: String,
        in region: String,
        for operation: OperationName,
    ) throws(ServiceError) {
        guard let arn = TableARN(text), arn.tableName != nil else { return }
        guard arn.parts[1] == partition else {
            throw .validation("1 validation error detected: Invalid AWS partition in '\(text)'")
        }
        guard arn.parts[3] == region else {
            throw .validation("1 validation error detected: Invalid AWS region in '\(text)'")
        }
        guard arn.parts[4] == account else {
            let action = "\(service):\(operation.rawValue)"
            throw ServiceError(
                "AccessDeniedException",
                "User: arn:aws:iam::\(account):root is not authorized to perform: \(action) on "
                    + "resource: \(text) because no resource-based policy allows the \(action) "
                    + "action",
            )
        }
    }
}

extension TableName {
    /// The name in a table's ARN; any other text is itself the name.
    package static func name(in text: String) -> String {
        TableARN(text)?.tableName ?? text
    }
}
