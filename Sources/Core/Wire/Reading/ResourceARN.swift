/// The form of a `ResourceArn`: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME`.
///
/// Operations on tags and those on policies refuse the same ARNs, in words of their own.
package struct ResourceARN: Equatable, Sendable {
    package enum Purpose: Sendable {
        case tags
        case policy
    }

    package let text: String
    package let region: String
    /// The table that it names.
    package let tableName: String
    /// What follows the name of a stream's ARN.
    let streamLabel: String?
    let purpose: Purpose

    static let lengthRange = 1...1283

    init(_ text: String, for purpose: Purpose) throws(ServiceError) {
        guard text.hasPrefix("arn:") else {
            throw .invalidParameters("ARNs must start with 'arn:': \(text)")
        }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6 else { throw .invalidResource(text) }
        guard parts[1].hasPrefix("aws"), parts[2] == "dynamodb" else {
            throw purpose == .tags ? .accessDenied : .noResource(text)
        }
        let path = parts[5].split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard path.count >= 2, path[0] == "table" else { throw .noResource(text) }
        let kind = path.count == 3 ? path[2].prefix { $0 != "/" } : ""
        guard kind.isEmpty || kind == "index" || kind == "stream" else { throw .noResource(text) }
        guard parts[4] == TableARN.account else {
            throw purpose == .tags ? .accessDenied : .otherOwner
        }
        guard TableName.isValid(String(path[1])), path.count == 2 || !kind.isEmpty else {
            throw .invalidResource(text)
        }
        guard kind != "index" else { throw .resourceIsNoTable(text) }
        self.text = text
        region = String(parts[3])
        tableName = String(path[1])
        streamLabel = kind == "stream" ? String(path[2].dropFirst("stream/".count)) : nil
        self.purpose = purpose
    }

    package init(_ text: String, of tableName: String, in region: String, for purpose: Purpose) {
        self.text = text
        self.region = region
        self.tableName = tableName
        streamLabel = nil
        self.purpose = purpose
    }

    /// Refuses what is of another region than `region`, and streams, which have neither tags nor
    /// policies here.
    package func check(in region: String) throws(ServiceError) {
        guard self.region == region else {
            throw purpose == .tags
                ? .invalidResource(text) : .invalidParameters("Invalid resource Arn: \(text)")
        }
        guard streamLabel == nil else { throw missing }
    }

    /// The error of an ARN that names nothing that is here.
    package var missing: ServiceError {
        guard purpose == .policy else {
            return .resourceNotFound("Requested resource not found: ResourceArn: \(text) not found")
        }
        guard let streamLabel else {
            return .resourceNotFound(
                "Requested resource not found: Table: \(tableName) not found"
            )
        }
        return .resourceNotFound(
            "Requested resource not found: Stream: \(streamLabel) not found for Table: \(tableName)"
        )
    }
}

extension Checks {
    /// `ResourceArn`, its length checked.
    mutating func resourceARN(_ fields: Fields) throws(ServiceError) -> String {
        let arn = try required(fields, "ResourceArn")
        if fields["ResourceArn"] != nil {
            checkLength(
                arn.unicodeScalars.count,
                fields.location("ResourceArn"),
                value: arn,
                ResourceARN.lengthRange,
            )
        }
        return arn
    }
}

extension ServiceError {
    fileprivate static func invalidResource(_ arn: String) -> ServiceError {
        validation("Invalid TableArn: Invalid ResourceArn provided as input \(arn)")
    }

    fileprivate static func noResource(_ arn: String) -> ServiceError {
        invalidParameters("Provided Arn is not a DynamoDB resource arn: \(arn)")
    }

    fileprivate static func resourceIsNoTable(_ arn: String) -> ServiceError {
        invalidParameters(
            "Invalid resource arn provided, only table or stream is accepted. "
                + "Provided resource arn: \(arn)"
        )
    }

    fileprivate static let accessDenied = ServiceError("AccessDeniedException", "Access is denied")

    fileprivate static let otherOwner = validation(
        "This action is only supported by accounts that match the resource owner\u{2019}s account."
    )
}
