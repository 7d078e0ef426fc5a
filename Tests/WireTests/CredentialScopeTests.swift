import Testing
import Wire

@Suite struct CredentialScopeTests {
    private static let good =
        "AWS4-HMAC-SHA256 Credential=key/20261122/eu-west-1/dynamodb/aws4_request, "
        + "SignedHeaders=host;x-amz-date, Signature=abc"

    private func refusal(_ authorization: String?, date: String? = "d") -> ServiceError? {
        do throws(ServiceError) {
            _ = try CredentialScope(authorization: authorization, date: date)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the scope names the key and the region`() throws {
        let scope = try CredentialScope(authorization: Self.good, date: "20261122T000000Z")
        #expect(scope.accessKeyId == "key")
        #expect(scope.date == "20261122")
        #expect(scope.region == "eu-west-1")
        #expect(scope.service == "dynamodb")
    }

    @Test(arguments: [nil, "", "   ", "Basic abc", "aws4-"])
    func `a request without a signature is missing its token`(authorization: String?) {
        #expect(refusal(authorization) == .missingAuthenticationToken)
    }

    @Test func `missing parts are listed`() {
        #expect(
            refusal("AWS4-HMAC-SHA256 Signature=b", date: nil)
                == .incompleteSignature(
                    "Authorization header requires 'Credential' parameter. "
                        + "Authorization header requires 'SignedHeaders' parameter. "
                        + "Authorization header requires existence of either a 'X-Amz-Date' or a "
                        + "'Date' header. Authorization=AWS4-HMAC-SHA256 Signature=b"
                )
        )
        #expect(refusal("AWS4-")?.code == "IncompleteSignatureException")
    }

    @Test func `a credential has five parts`() {
        #expect(
            refusal("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=h, Signature=s")
                == .incompleteSignature(
                    "Credential must have exactly 5 slash-delimited elements, "
                        + "e.g. keyid/date/region/service/term, got 'a/b'"
                )
        )
    }

    @Test func `another algorithm is not supported`() {
        let header = Self.good.replacing("SHA256", with: "SHA512")
        #expect(refusal(header)?.message.hasPrefix("Unsupported AWS 'algorithm'") == true)
    }
}
