import JSON

/// What a request says about the encryption of a table at rest.
package struct EncryptionSpecification: Equatable, Sendable {
    /// With a key of one's own, or with the service's.
    package var isEnabled: Bool
    /// An id, alias or ARN of a key; nil for the account's default one.
    package var keyId: String?

    package init(isEnabled: Bool, keyId: String? = nil) {
        self.isEnabled = isEnabled
        self.keyId = keyId
    }
}

/// The ARN of an encryption key.
package enum KeyARN {
    static let defaultAlias = "alias/aws/dynamodb"

    /// What a key's id, alias or ARN (nil for the default one) is called in a region.
    package static func text(of keyId: String?, region: String) -> String {
        let id = keyId ?? defaultAlias
        guard !id.hasPrefix("arn:") else { return id }
        let name = id.hasPrefix("alias/") || id.hasPrefix("key/") ? id : "key/\(id)"
        return "arn:aws:kms:\(region):\(TableARN.account):\(name)"
    }
}
