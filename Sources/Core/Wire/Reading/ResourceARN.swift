/// The form of a `ResourceArn`: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME`.
///
/// Its region and account are not looked at, as nowhere else.
package enum ResourceARN {
    static let lengthRange = 1...1283

    /// The table that an ARN names.
    static func tableName(in arn: String) throws(ServiceError) -> String {
        guard arn.hasPrefix("arn:") else {
            throw .invalidResource(arn, "ARNs must start with 'arn:'")
        }
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[1].hasPrefix("aws"), parts[2] == "dynamodb",
            parts[5].hasPrefix("table/")
        else { throw .invalidResource(arn) }
        let resource = parts[5].dropFirst("table/".count)
        guard !resource.contains("/") else { throw .resourceIsNoTable(arn) }
        guard TableName.isValid(String(resource)) else { throw .invalidResource(arn) }
        return String(resource)
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
    static func invalidResource(_ arn: String, _ detail: String? = nil) -> ServiceError {
        validation(
            "Invalid TableArn: Invalid ResourceArn provided as input \(arn)"
                + (detail.map { ". \($0)" } ?? "")
        )
    }

    static func resourceIsNoTable(_ arn: String) -> ServiceError {
        invalidParameters(
            "Invalid resource arn provided, only table is accepted. Provided resource arn: \(arn)"
        )
    }

    /// A table that an ARN names and that is not here.
    package static func resourceMissing(_ arn: String) -> ServiceError {
        // The word is the service's.
        resourceNotFound("Requested resource not found: ResourcArn: \(arn) not found")
    }
}
