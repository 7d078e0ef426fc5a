import JSON

/// A policy attached to a table: kept and given back as it came.
package struct ResourcePolicy: Equatable, Sendable {
    /// A JSON document.
    package var text: String
    /// Names this very policy; the milliseconds at which it was put.
    package var revision: String

    package init(text: String, revision: String) {
        self.text = text
        self.revision = revision
    }

    static let bytesMax = 20 << 10
    static let revisionLengthRange = 1...255
    /// What a request expects that wants to put a policy only where there is none.
    package static let noPolicy = "NO_POLICY"

    /// Refuses a text that is no policy: a JSON object with statements, of 20 KB at most.
    static func check(_ text: String) throws(ServiceError) {
        guard text.utf8.count <= bytesMax else {
            throw .validation(
                "Invalid policy document: the policy exceeds the maximum size of \(bytesMax) bytes"
            )
        }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(Array(text.utf8))
        } catch {
            throw .validation("Invalid policy document: \(error.kind) at byte \(error.offset)")
        }
        guard case .object(let members) = document,
            members.contains(where: { $0.name == "Statement" })
        else { throw .validation("Invalid policy document: it has no Statement") }
    }
}

extension Checks {
    mutating func expectedRevision(_ fields: Fields) throws(ServiceError) -> String? {
        guard let revision = try fields.string("ExpectedRevisionId") else { return nil }
        checkLength(
            revision.utf8.count,
            fields.location("ExpectedRevisionId"),
            value: revision,
            ResourcePolicy.revisionLengthRange,
        )
        return revision
    }
}

extension ServiceError {
    package static func policyNotFound(_ arn: String) -> ServiceError {
        ServiceError(
            "PolicyNotFoundException",
            "Resource-based policy not found for the provided ResourceArn: \(arn)",
        )
    }

    /// A policy is there, but not the one that a request expects.
    package static func policyIsAnother(_ arn: String) -> ServiceError {
        ServiceError(
            "PolicyNotFoundException",
            "Resource-based policy with the expected revision id not found for the provided "
                + "ResourceArn: \(arn)",
        )
    }
}
