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
        guard let header = authorization, Self.isSigned(header) else {
            throw .missingAuthenticationToken
        }
        let bytes = Self.trimmed(header.utf8[...])
        let space = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        let parameters = Parameters(bytes[space...])
        guard let credential = parameters.credential, parameters.hasSignature,
            parameters.hasSignedHeaders, date != nil
        else { throw parameters.incomplete(in: header, hasDate: date != nil) }
        guard bytes[..<space].elementsEqual(Self.algorithm.utf8) else {
            let name = String(Substring(bytes[..<space])).prefix(Self.echoBytesMax)
            throw .incompleteSignature(
                "Unsupported AWS 'algorithm': '\(name)' (only AWS4-HMAC-SHA256 for now). "
            )
        }
        try self.init(credential: credential)
    }

    private init(credential: Bytes) throws(ServiceError) {
        let parts = credential.split(
            separator: UInt8(ascii: "/"),
            maxSplits: 5,
            omittingEmptySubsequences: false,
        )
        guard parts.count == 5 else {
            throw .incompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, "
                    + "e.g. keyid/date/region/service/term, "
                    + "got '\(Substring(credential).prefix(Self.echoBytesMax))'"
            )
        }
        accessKeyId = String(Substring(parts[0]))
        date = String(Substring(parts[1]))
        region = String(Substring(parts[2]))
        service = String(Substring(parts[3]))
    }

    /// Headers are taken apart by bytes: going by characters costs more than the rest of a read.
    fileprivate typealias Bytes = Substring.UTF8View

    private static func isSigned(_ header: String) -> Bool {
        trimmed(header.utf8[...]).starts(with: "AWS4-".utf8)
    }

    fileprivate static func trimmed(_ bytes: Bytes) -> Bytes {
        let space = UInt8(ascii: " ")
        guard let first = bytes.firstIndex(where: { $0 != space }),
            let last = bytes.lastIndex(where: { $0 != space })
        else { return bytes[bytes.endIndex...] }
        return bytes[first...last]
    }

    /// The `name=value` pairs behind the algorithm, separated by commas.
    private struct Parameters {
        var credential: Bytes?
        var hasSignature = false
        var hasSignedHeaders = false

        init(_ bytes: Bytes) {
            for part in bytes.split(separator: UInt8(ascii: ",")) {
                let pair = trimmed(part)
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let name = pair[..<equals]
                if name.elementsEqual("Credential".utf8) {
                    credential = credential ?? pair[pair.index(after: equals)...]
                } else if name.elementsEqual("Signature".utf8) {
                    hasSignature = true
                } else if name.elementsEqual("SignedHeaders".utf8) {
                    hasSignedHeaders = true
                }
            }
        }

        func incomplete(in header: String, hasDate: Bool) -> ServiceError {
            let present = [
                ("Credential", credential != nil), ("Signature", hasSignature),
                ("SignedHeaders", hasSignedHeaders),
            ]
            var faults = present.filter { !$0.1 }.map { name, _ in
                "Authorization header requires '\(name)' parameter."
            }
            if !hasDate {
                faults.append(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a "
                        + "'Date' header."
                )
            }
            let echo = String(Substring(trimmed(header.utf8[...]))).prefix(echoBytesMax)
            faults.append("Authorization=\(echo)")
            return .incompleteSignature(faults.joined(separator: " "))
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
