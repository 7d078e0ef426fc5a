import Testing
import Wire

/// What operations refuse without looking at a table.
@Suite struct OperationRuleTests {
    private static let table = #""TableName": "abc""#

    @Test(arguments: [
        Refusal(
            "DeleteItem",
            #"{\#(table), "Key": {}, "ReturnValues": "UPDATED_OLD"}"#,
            "1 validation error detected: ReturnValues can only be ALL_OLD or NONE",
        ),
        Refusal(
            "Query",
            #"{\#(table)}"#,
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in "
                + "the request.",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "Select": "SPECIFIC_ATTRIBUTES"}"#,
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                + "SPECIFIC_ATTRIBUTES",
        ),
        Refusal(
            "Query",
            #"{\#(table), "Select": "COUNT", "ProjectionExpression": "a"}"#,
            "1 validation error detected: "
                + "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "Select": "COUNT", "ProjectionExpression": "a"}"#,
            "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "Select": "ALL_ATTRIBUTES", "ProjectionExpression": "a"}"#,
            "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "Select": "ALL_PROJECTED_ATTRIBUTES"}"#,
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "Segment": 0}"#,
            "The TotalSegments parameter is required but was not present in the request when "
                + "Segment parameter is present",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "TotalSegments": 2}"#,
            "The Segment parameter is required but was not present in the request when parameter "
                + "TotalSegments is present",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "Segment": 2, "TotalSegments": 2}"#,
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                + "Segment: 2 is not less than TotalSegments: 2",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table)}"#,
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                + "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                + "MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
                + "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is "
                + "required",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "MultiRegionConsistency": "EVENTUAL", "AttributeDefinitions": []}"#,
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                + "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, "
                + "MultiAccountReplicaReady, ReplicaTransitRoleArn, DeletionProtectionEnabled, "
                + "OnDemandThroughput, WarmThroughput or TableClass is required",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "TableClass": "STANDARD",
             "ReplicaUpdates": [{"Delete": {"RegionName": "a"}}]}
            """,
            "One or more parameter values were invalid: "
                + "Replica modification must be the only operation in the request",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "ReplicaUpdates": [{"Update": {"RegionName": "eu-west-1"}}]}"#,
            "There are no actions specified in the Replica Update Action of the request.",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "ReplicaUpdates": [{}]}"#,
            "There are no actions specified in the Replica Update Action of the request.",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "ReplicaUpdates": [{"Create": {"RegionName": "a"},
             "Delete": {"RegionName": "a"}}]}
            """,
            "Update table operation with more than one type of replica actions not allowed.",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "ReplicaUpdates": [{"Create": {"RegionName": "a"}},
             {"Delete": {"RegionName": "b"}}]}
            """,
            "Update table operation with more than one type of replica actions not allowed.",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "ReplicaUpdates": [{"Create": {"RegionName": "a"}},
             {"Create": {"RegionName": "b"}}]}
            """,
            "Update table operation with more than one create or delete replica actions not allowed",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "ReplicaUpdates": [{"Create":
             {"RegionName": "a", "OnDemandThroughputOverride": {"MaxReadRequestUnits": 0}}}]}
            """,
            "One or more parameter values were invalid: MaxReadRequestUnits must be greater than "
                + "or equal to 1, or -1 for no maximum: 0",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "MultiRegionConsistency": "STRONG",
             "ReplicaUpdates": [{"Create": {"RegionName": "a"}}]}
            """,
            "One or more parameter values were invalid: "
                + "MultiRegionConsistency STRONG is not supported yet",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "ReplicaUpdates": [{"Disassociate": {"RegionName": "a"}}]}"#,
            "One or more parameter values were invalid: "
                + "ReplicaUpdates with Disassociate is not supported yet",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "DisassociationProtectionEnabled": false}"#,
            "One or more parameter values were invalid: "
                + "DisassociationProtectionEnabled is not supported yet",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "VectorIndexUpdates": [{"Delete": {"IndexName": "vec"}}]}"#,
            "One or more parameter values were invalid: VectorIndexUpdates is not supported yet",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "StreamSpecification":
             {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
             "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
            """,
            "One or more parameter values were invalid: "
                + "You cannot modify stream status while updating table IOPS",
        ),
        Refusal(
            "UpdateTable",
            """
            {\(table), "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "idx",
             "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000000000001}}}]}
            """,
            "Given value 1000000000001 for WriteCapacityUnits is out of bounds for index idx",
        ),
        Refusal(
            "UpdateTable",
            #"{\#(table), "GlobalSecondaryIndexUpdates": [{}]}"#,
            "One or more parameter values were invalid: "
                + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                + "GlobalSecondaryIndexUpdate.Delete must not be null",
        ),
    ])
    func `what an operation refuses has the service's words`(refusal: Refusal) {
        let error = failure(refusal.operation, refusal.body)
        #expect(error == .validation(refusal.message))
    }

    @Test(arguments: [
        Refusal(
            "PutItem",
            #"{\#(table), "Item": {}, "ExpressionAttributeValues": {":v": {}}}"#,
            "1 validation error detected: Supplied AttributeValue is empty, "
                + "must contain exactly one of the supported datatypes",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "ExpressionAttributeValues": {":v": {}}}"#,
            "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, "
                + "must contain exactly one of the supported datatypes for key :v",
        ),
        Refusal(
            "Query",
            ##"{\##(table), "ExpressionAttributeNames": {"#a": ""}}"##,
            "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a",
        ),
        Refusal(
            "PutItem",
            #"{\#(table), "Item": {"": {"S": "a"}, "a": {"S": "b"}}}"#,
            "1 validation error detected: Empty attribute name",
        ),
        Refusal(
            "Scan",
            #"{\#(table), "ExclusiveStartKey": {"p": {"N": "x"}}}"#,
            "The provided starting key is invalid: "
                + "The parameter cannot be converted to a numeric value: x",
        ),
    ])
    func `a bad value is told with its place`(refusal: Refusal) {
        #expect(failure(refusal.operation, refusal.body) == .validation(refusal.message))
    }

    @Test func `a batch reads at most 100 keys`() {
        func body(_ first: Int, _ second: Int) -> String {
            func keys(_ count: Int) -> String {
                (0..<count).map { #"{"k": {"N": "\#($0)"}}"# }.joined(separator: ",")
            }
            return """
                {"RequestItems": {"abc": {"Keys": [\(keys(first))]},
                 "abd": {"Keys": [\(keys(second))]}}}
                """
        }
        #expect(failure("BatchGetItem", body(50, 50)) == nil)
        #expect(
            failure("BatchGetItem", body(51, 50))
                == .validation("Too many items requested for the BatchGetItem call")
        )
        #expect(
            failure("BatchGetItem", body(101, 1))?.message
                == "1 validation error detected: Value at 'RequestItems.abc.member.Keys' "
                + "failed to satisfy constraint: Member must have length less than or equal to 100"
        )
    }

    @Test func `a batch reads no key twice`() {
        let keys = #"{"k": {"N": "1"}}, {"k": {"N": "1.0"}}"#
        #expect(
            failure("BatchGetItem", #"{"RequestItems": {"abc": {"Keys": [\#(keys)]}}}"#)
                == .duplicateKeys
        )
    }

    @Test func `a batch writes at most 25 items`() {
        func body(_ first: Int, _ second: Int) -> String {
            func writes(_ count: Int) -> String {
                (0..<count).map { #"{"DeleteRequest": {"Key": {"k": {"N": "\#($0)"}}}}"# }
                    .joined(separator: ",")
            }
            return #"{"RequestItems": {"abc": [\#(writes(first))], "abd": [\#(writes(second))]}}"#
        }
        #expect(failure("BatchWriteItem", body(12, 13)) == nil)
        #expect(
            failure("BatchWriteItem", body(13, 13))
                == .validation("Too many items requested for the BatchWriteItem call")
        )
        #expect(
            failure("BatchWriteItem", body(26, 1))?.message.contains(
                "Map value must satisfy constraint: [Member must have length less than or equal "
                    + "to 25, Member must have length greater than or equal to 1]"
            ) == true
        )
    }

    @Test(arguments: ["{}", #"{"PutRequest": {"Item": {}}, "DeleteRequest": {"Key": {}}}"#])
    func `a write of a batch is a put or a delete`(write: String) {
        let error = failure("BatchWriteItem", #"{"RequestItems": {"abc": [\#(write)]}}"#)
        #expect(
            error?.message.hasSuffix("must contain exactly one of the supported datatypes") == true
        )
    }

    @Test func `a batch names a table once, by name or by ARN`() {
        let arn = "arn:aws:dynamodb:r:000000000000:table/abc"
        let write = #"[{"DeleteRequest": {"Key": {"k": {"N": "1"}}}}]"#
        let error = failure(
            "BatchWriteItem",
            #"{"RequestItems": {"abc": \#(write), "\#(arn)": \#(write)}}"#,
        )
        #expect(error?.message.hasSuffix("named more than once in RequestItems") == true)
    }
}
