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
    package static func policyNotFound(_ detail: String) -> ServiceError {
        ServiceError(
            "PolicyNotFoundException",
            "Resource-based policy not found for the provided ResourceArn: \(detail)",
        )
    }

    /// Not the policy is there that a request expects; `present` is the revision of the one that is.
    package static func policyIsAnother(
        than expected: String,
        _ present: String?,
        of tableName: String,
    ) -> ServiceError {
        guard let present else {
            return policyNotFound(
                "Requested update for policy with revision id \(expected), but table "
                    + "\(tableName) has no associated policy."
            )
        }
        guard expected != ResourcePolicy.noPolicy else {
            return policyNotFound(
                "Requested policy update expecting none to be present for table \(tableName), "
                    + "but a policy exists with revision id \(present)."
            )
        }
        return policyNotFound(
            "Requested update for policy with revision id \(expected), but the policy associated "
                + "to target table \(tableName) has revision id \(present)."
        )
    }
}
