import Testing

@testable import Wire

struct ResourceARNTests {
    private static let start = "arn:aws:dynamodb:us-east-1:000000000000:"
    private static let invalid = "One or more parameter values were invalid: "

    private func message(_ text: String, _ purpose: ResourceARN.Purpose) -> String? {
        do throws(ServiceError) {
            try ResourceARN(text, for: purpose).check(in: "us-east-1")
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `a table has tags and a policy`() throws {
        let arn = try ResourceARN(Self.start + "table/orders", for: .tags)
        #expect(arn.tableName == "orders")
        #expect(arn.region == "us-east-1")
        #expect(message(arn.text, .tags) == nil)
        #expect(message(arn.text, .policy) == nil)
    }

    @Test(arguments: [
        ("orders", invalid + "ARNs must start with 'arn:': orders"),
        ("arn:x", "Invalid TableArn: Invalid ResourceArn provided as input arn:x"),
        ("arn:aws:s3:::orders", "Access is denied"),
        (
            start + "other/orders",
            invalid + "Provided Arn is not a DynamoDB resource arn: \(start)other/orders"
        ),
        (
            start + "table/orders/backup/1",
            invalid + "Provided Arn is not a DynamoDB resource arn: \(start)table/orders/backup/1"
        ),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders", "Access is denied"),
        (
            "arn:aws:dynamodb:eu-west-1:000000000000:table/orders",
            "Invalid TableArn: Invalid ResourceArn provided as input "
                + "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"
        ),
        (
            start + "table/ab",
            "Invalid TableArn: Invalid ResourceArn provided as input \(start)table/ab"
        ),
        (
            start + "table/orders/index/by-date",
            invalid + "Invalid resource arn provided, only table or stream is accepted. "
                + "Provided resource arn: \(start)table/orders/index/by-date"
        ),
        (
            start + "table/orders/stream/now",
            "Requested resource not found: ResourceArn: \(start)table/orders/stream/now not found"
        ),
    ])
    func `nothing else has tags`(text: String, expected: String) {
        #expect(message(text, .tags) == expected)
    }

    @Test(arguments: [
        (
            "arn:aws:s3:::orders",
            invalid + "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::orders"
        ),
        (
            "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
            "This action is only supported by accounts that match the resource owner’s account."
        ),
        (
            "arn:aws:dynamodb:eu-west-1:000000000000:table/orders",
            invalid + "Invalid resource Arn: arn:aws:dynamodb:eu-west-1:000000000000:table/orders"
        ),
        (
            start + "table/orders/stream/now",
            "Requested resource not found: Stream: now not found for Table: orders"
        ),
    ])
    func `policies are refused in other words`(text: String, expected: String) {
        #expect(message(text, .policy) == expected)
    }
}
