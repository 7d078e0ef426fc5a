/// The name of a stream as a resource: its table's ARN, then `/stream/LABEL`.
///
/// The label is the time at which the stream was enabled, so a stream that is enabled again has
/// another name.
package struct StreamARN: Equatable, Sendable {
    package let tableName: String
    /// An ISO 8601 time with milliseconds and without a zone: `2015-05-11T21:21:33.291`.
    package let label: String

    package init(tableName: String, label: String) {
        self.tableName = tableName
        self.label = label
    }

    /// Nil for any other text; as for tables, region and account are not looked at.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "dynamodb" else { return nil }
        let path = parts[5].split(separator: "/", omittingEmptySubsequences: false)
        guard path.count == 4, path[0] == "table", path[2] == "stream", !path[3].isEmpty,
            TableName.isValid(String(path[1]))
        else { return nil }
        self.init(tableName: String(path[1]), label: String(path[3]))
    }

    package func text(region: String) -> String {
        TableARN.text(region: region, tableName: tableName) + "/stream/" + label
    }

    /// The bounds that the service's model sets.
    static let lengthRange = 37...1_024
}

extension Checks {
    /// A stream's ARN, as long as it must be; what it names is for `StreamARN` to say.
    mutating func streamARN(_ fields: Fields, _ name: String) throws(ServiceError) -> String? {
        guard let text = try fields.string(name) else { return nil }
        checkLength(
            text.utf8.count,
            fields.location(name),
            value: text,
            StreamARN.lengthRange,
        )
        return text
    }

    mutating func requiredStreamARN(_ fields: Fields) throws(ServiceError) -> String {
        if let text = try streamARN(fields, "StreamArn") { return text }
        violateNotNull(fields.location("StreamArn"))
        return ""
    }

    /// A shard's name, as long as it must be.
    mutating func shardID(_ fields: Fields, _ name: String) throws(ServiceError) -> String? {
        guard let text = try fields.string(name) else { return nil }
        checkLength(text.utf8.count, fields.location(name), value: text, Self.shardIDLengthRange)
        return text
    }

    private static let shardIDLengthRange = 28...65
}
