/// Who a request says it is from: the credential scope of its `Authorization` header.
///
/// The signature itself is not verified here; a request without one is refused as the service
/// refuses it.
package struct CredentialScope: Equatable, Sendable {
    package let accessKeyId: String
    /// `YYYYMMDD`.
    package let date: String
    package let region: String
    package let service: String

    private static let algorithm = "AWS4-HMAC-SHA256"
    /// A header is echoed in a message up to this length.
    private static let echoBytesMax = 1024

    /// Reads the `Authorization` header of a request, and its `X-Amz-Date` header or else `Date`.
    package init(authorization: String?, date: String?) throws(ServiceError) {
        guard let header = authorization?.trimmingSpaces, header.hasPrefix("AWS4-") else {
            throw .missingAuthenticationToken
        }
        let space = header.utf8.firstIndex(of: UInt8(ascii: " ")) ?? header.endIndex
        let parameters = Self.parameters(header[space...])
        var faults: [String] = []
        for name in ["Credential", "Signature", "SignedHeaders"]
        where !parameters.contains(where: { $0.name == name }) {
            faults.append("Authorization header requires '\(name)' parameter.")
        }
        if date == nil {
            faults.append(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                    + "header."
            )
        }
        guard faults.isEmpty, let credential = parameters.first(where: { $0.name == "Credential" })
        else {
            faults.append("Authorization=\(header.prefix(Self.echoBytesMax))")
            throw .incompleteSignature(faults.joined(separator: " "))
        }
        guard header[..<space] == Self.algorithm else {
            throw .incompleteSignature(
                "Unsupported AWS 'algorithm': '\(header[..<space].prefix(Self.echoBytesMax))' "
                    + "(only AWS4-HMAC-SHA256 for now). "
            )
        }
        try self.init(credential: credential.value)
    }

    private init(credential: Substring) throws(ServiceError) {
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5 else {
            throw .incompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, "
                    + "e.g. keyid/date/region/service/term, "
                    + "got '\(credential.prefix(Self.echoBytesMax))'"
            )
        }
        accessKeyId = String(parts[0])
        date = String(parts[1])
        region = String(parts[2])
        service = String(parts[3])
    }

    private static func parameters(
        _ text: Substring
    ) -> [(name: Substring, value: Substring)] {
        text.split(separator: ",").compactMap { part in
            let trimmed = part.trimmingSpaces
            guard let equals = trimmed.firstIndex(of: "=") else { return nil }
            return (trimmed[..<equals], trimmed[trimmed.index(after: equals)...])
        }
    }
}

extension ServiceError {
    package static let missingAuthenticationToken = ServiceError(
        "MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
    )

    package static func incompleteSignature(_ message: String) -> ServiceError {
        ServiceError("IncompleteSignatureException", message)
    }
}

extension StringProtocol where SubSequence == Substring {
    fileprivate var trimmingSpaces: Substring {
        guard let first = firstIndex(where: { $0 != " " }),
            let last = lastIndex(where: { $0 != " " })
        else { return self[startIndex..<startIndex] }
        return self[first...last]
    }
}
