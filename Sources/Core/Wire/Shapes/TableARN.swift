/// The name of a table as a resource: `arn:aws:dynamodb:REGION:000000000000:table/NAME`.
package enum TableARN {
    /// There is one account, and it has no number.
    package static let account = "000000000000"

    package static func text(region: String, tableName: String) -> String {
        "arn:aws:dynamodb:\(region):\(account):table/\(tableName)"
    }
}
