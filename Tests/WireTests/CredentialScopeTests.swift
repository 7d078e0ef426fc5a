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
        let spaced = "AWS4-HMAC-SHA256 Signature=b Credential=a"
        #expect(
            refusal(spaced)
                == .incompleteSignature(
                    "Authorization header requires 'SignedHeaders' parameter. "
                        + "Authorization=\(spaced)"
                )
        )
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

    // MARK: The usual form

    private func isUsual(_ header: [UInt8], target: String = "/") -> Bool {
        header.withUnsafeBytes {
            CredentialScope.isUsual(authorization: $0, target: target)
        }
    }

    @Test(arguments: [good, good.replacing(", ", with: ","), good.replacing("abc", with: "")])
    func `what SDKs write is usual`(header: String) {
        #expect(isUsual(Array(header.utf8)))
        #expect(!isUsual(Array(header.utf8), target: "/?a=b"))
        #expect(!isUsual([]))
    }

    @Test func `what is usual is never refused`() {
        let bytes = Array(Self.good.utf8)
        var usual = 0
        for index in bytes.indices {
            for byte in Array(" ,=/a-\u{7f}\u{1}".utf8) {
                var (changed, longer) = (bytes, bytes)
                changed[index] = byte
                longer.insert(byte, at: index)
                let cut = Array(bytes[..<index])
                for bytes in [changed, longer, cut] {
                    let header = String(decoding: bytes, as: UTF8.self)
                    guard isUsual(bytes) else { continue }
                    usual += 1
                    #expect(refusal(header) == nil, "\(header)")
                }
            }
        }
        #expect(usual > 100)
    }

    // MARK: In the query

    private static let query =
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=key%2F20261122%2feu-west-1%2Fdynamodb"
        + "%2Faws4_request&X-Amz-Signature=abc&X-Amz-SignedHeaders=host&X-Amz-Date=d"

    private func refusal(query: String, authorization: String? = nil) -> ServiceError? {
        do throws(ServiceError) {
            _ = try CredentialScope(authorization: authorization, date: nil, target: "/?" + query)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a query may bear the signature`() throws {
        let scope = try CredentialScope(authorization: nil, date: nil, target: "/?" + Self.query)
        #expect(scope.accessKeyId == "key")
        #expect(scope.region == "eu-west-1")
    }

    @Test func `a request is signed in one place only`() {
        let error = refusal(query: Self.query, authorization: Self.good)
        #expect(error?.code == "InvalidSignatureException")
        #expect(refusal(query: "X-Amz-Algorithm", authorization: "")?.code == error?.code)
    }

    @Test func `a query without an algorithm bears no signature`() {
        #expect(refusal(query: "X-Amz-Credential=a&b") == .missingAuthenticationToken)
        #expect(
            refusal(query: "", authorization: Self.good)?.code == "IncompleteSignatureException"
        )
    }

    @Test func `what a signed query lacks is listed`() {
        #expect(
            refusal(query: "X-Amz-Signature=s&X-Amz-Algorithm=&X-Amz-Credential=c")
                == .incompleteSignature(
                    "AWS query-string parameters must include 'X-Amz-Algorithm'. "
                        + "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
                        + "AWS query-string parameters must include 'X-Amz-Date'. "
                        + "Re-examine the query-string parameters."
                )
        )
    }

    @Test(arguments: ["%", "%2", "%zz", "a%2", "a/b/c/d%2Fe%2Ff"])
    func `a query's credential has five parts`(credential: String) {
        let query = Self.query.replacing(
            "key%2F20261122%2feu-west-1%2Fdynamodb%2Faws4_request",
            with: credential
        )
        #expect(refusal(query: query)?.message.hasPrefix("Credential must have exactly 5") == true)
    }

    @Test func `a query's algorithm is the only one`() {
        let query = Self.query.replacing("SHA256", with: "SHA1")
        #expect(refusal(query: query)?.message.hasPrefix("Unsupported AWS 'algorithm'") == true)
    }
}
