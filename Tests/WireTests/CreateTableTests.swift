import Items
import Testing
import Wire

@Suite struct CreateTableTests {
    /// A body from the parts that differ.
    private static func body(
        keys: String = #"{"AttributeName": "pk", "KeyType": "HASH"}"#,
        definitions: String = #"{"AttributeName": "pk", "AttributeType": "S"}"#,
        more: String = #", "BillingMode": "PAY_PER_REQUEST""#,
    ) -> String {
        """
        {"TableName": "abc", "KeySchema": [\(keys)], "AttributeDefinitions": [\(definitions)]\(more)}
        """
    }

    private static let hash = #"{"AttributeName": "pk", "KeyType": "HASH"}"#
    private static let range = #"{"AttributeName": "sk", "KeyType": "RANGE"}"#
    private static let pk = #"{"AttributeName": "pk", "AttributeType": "S"}"#
    private static let sk = #"{"AttributeName": "sk", "AttributeType": "N"}"#
    private static let throughput =
        #""ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}"#

    @Test func `a table has a schema, a billing mode and protection`() throws {
        let body = Self.body(
            keys: "\(Self.hash), \(Self.range)",
            definitions: "\(Self.sk), \(Self.pk)",
            more: #", \#(Self.throughput), "DeletionProtectionEnabled": true, "Tags": []"#,
        )
        guard case .createTable(let request) = try decode("CreateTable", body) else {
            throw WrongOperation()
        }
        #expect(
            request.schema
                == TableSchema(
                    partition: .init(name: "pk", type: .string),
                    sort: .init(name: "sk", type: .number),
                )
        )
        #expect(request.attributeDefinitions.map(\.name) == ["sk", "pk"])
        #expect(request.billingMode == .provisioned)
        #expect(
            request.throughput == ProvisionedThroughput(readCapacityUnits: 5, writeCapacityUnits: 6)
        )
        #expect(request.settings.isDeletionProtected == true)
        #expect(request.tags.isEmpty)
    }

    private static let refusals: [Refusal] = [
        refusal(
            body(
                more: #", "BillingMode": "PAY_PER_REQUEST", "VectorIndexes": [{"IndexName": "v"}]"#
            ),
            "One or more parameter values were invalid: VectorIndexes is not supported yet",
        ),
        refusal(
            body(more: #", "BillingMode": "PAY_PER_REQUEST", \#(throughput)"#),
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
                + "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
        ),
        refusal(
            body(more: ""),
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits "
                + "must both be specified when BillingMode is PROVISIONED",
        ),
        refusal(
            body(definitions: ""),
            "Invalid KeySchema: Some index key attribute have no definition",
        ),
        refusal(
            body(definitions: sk),
            "One or more parameter values were invalid: Some index key attributes are not defined "
                + "in AttributeDefinitions. Keys: [pk], AttributeDefinitions: [sk]",
        ),
        refusal(
            body(definitions: "\(pk), \(pk)"),
            "Attribute Name is duplicated: pk",
        ),
        refusal(
            body(definitions: "\(pk), \(sk)"),
            "One or more parameter values were invalid: Number of attributes in KeySchema does "
                + "not exactly match number of attributes defined in AttributeDefinitions",
        ),
        refusal(
            body(keys: range, definitions: sk),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        refusal(
            body(
                keys: #"\#(hash), {"AttributeName": "sk", "KeyType": "HASH"}"#,
                definitions: "\(pk), \(sk)",
            ),
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ),
        refusal(
            body(
                keys: #"\#(hash), {"AttributeName": "pk", "KeyType": "RANGE"}"#,
                definitions: "\(pk), \(sk)",
            ),
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        refusal(
            body(more: #", "BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": []"#),
            "One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty",
        ),
        refusal(
            body(
                more: #", "BillingMode": "PAY_PER_REQUEST", "SSESpecification": "#
                    + #"{"SSEType": "KMS", "Enabled": false}"#
            ),
            "One or more parameter values were invalid: SSEType can not be specified if Enabled "
                + "is false",
        ),
        refusal(
            body(
                more:
                    #", "BillingMode": "PAY_PER_REQUEST", "Tags": [{"Key": "AWS:a", "Value": "b"}]"#
            ),
            "Tag Key cannot be prefixed with aws:, Key: AWS:a",
        ),
        refusal(
            body(
                more: #", \#(throughput), "WarmThroughput": {"WriteUnitsPerSecond": 4}"#
            ),
            "One or more parameter values were invalid: Requested WriteUnitsPerSecond for "
                + "WarmThroughput for table is lower than WriteCapacityUnits of "
                + "ProvisionedThroughput",
        ),
    ]

    private static func refusal(_ body: String, _ message: String) -> Refusal {
        Refusal("CreateTable", body, message)
    }

    @Test(arguments: refusals)
    func `a table that cannot be made is refused in the service's words`(refusal: Refusal) {
        #expect(failure(refusal.operation, refusal.body) == .validation(refusal.message))
    }

    @Test func `a third key element is a violation`() {
        let third = #"{"AttributeName": "x", "KeyType": "RANGE"}"#
        let error = failure(
            "CreateTable",
            Self.body(keys: "\(Self.hash), \(Self.range), \(third)"),
        )
        #expect(
            error?.message.hasSuffix(
                "at 'keySchema' failed to satisfy constraint: "
                    + "Member must have length less than or equal to 2"
            ) == true
        )
    }
}
