import Items
import Testing
import Wire

/// The parameters that came before expressions: what they become, and what is refused of them.
@Suite struct LegacyParameterTests {
    private static let prefix = "One or more parameter values were invalid: "
    private static let mixing =
        "Can not use both expression and non-expression parameters in the same request: "

    // MARK: What good requests become

    private func expected(_ json: String, _ more: String = "") throws -> LegacyConditions? {
        let body = #"{"TableName": "abc", "Item": {}, "Expected": \#(json)\#(more)}"#
        guard case .putItem(let request) = try decode("PutItem", body) else {
            throw WrongOperation()
        }
        return request.expected
    }

    @Test(arguments: [
        (#"{"Value": {"S": "x"}}"#, LegacyCondition("a", .equal, [.string("x")])),
        (#"{"Value": {"S": "x"}, "Exists": true}"#, LegacyCondition("a", .equal, [.string("x")])),
        (#"{"Exists": false}"#, LegacyCondition("a", .null)),
        (#"{"ComparisonOperator": "NULL"}"#, LegacyCondition("a", .null)),
        (
            #"{"ComparisonOperator": "NOT_NULL", "AttributeValueList": []}"#,
            LegacyCondition("a", .notNull)
        ),
        (
            #"{"ComparisonOperator": "NE", "Value": {"BOOL": true}}"#,
            LegacyCondition("a", .notEqual, [.bool(true)])
        ),
        (
            #"{"ComparisonOperator": "IN", "AttributeValueList": [{"S": "x"}, {"S": "y"}]}"#,
            LegacyCondition("a", .isIn, [.string("x"), .string("y")])
        ),
        (
            #"{"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"S": "x"}, {"S": "x"}]}"#,
            LegacyCondition("a", .between, [.string("x"), .string("x")])
        ),
    ])
    func `an expectation becomes a condition`(json: String, condition: LegacyCondition) throws {
        #expect(try expected(#"{"a": \#(json)}"#) == LegacyConditions([condition]))
    }

    @Test func `conditions are joined by AND unless told otherwise`() throws {
        let two = #"{"a": {"Exists": false}, "b": {"Exists": false}}"#
        #expect(try expected(two)?.joinedBy == .and)
        #expect(try expected(two, #", "ConditionalOperator": "OR""#)?.joinedBy == .or)
    }

    @Test func `an empty parameter is like none`() throws {
        #expect(try expected("{}") == nil)
        let body = #"{"TableName": "abc", "Key": {}, "AttributeUpdates": {}}"#
        guard case .updateItem(let request) = try decode("UpdateItem", body) else {
            throw WrongOperation()
        }
        #expect(request.attributeUpdates == nil)
    }

    @Test(arguments: [
        (#"{"Value": {"S": "x"}}"#, AttributeUpdate.Action.put(.string("x"))),
        (#"{"Value": {"S": "x"}, "Action": "PUT"}"#, .put(.string("x"))),
        (#"{"Value": {"L": []}, "Action": "ADD"}"#, .add(.list([]))),
        (#"{"Value": {"SS": ["x"]}, "Action": "ADD"}"#, .add(.stringSet(["x"]))),
        (#"{"Value": {"SS": ["x"]}, "Action": "DELETE"}"#, .delete(.stringSet(["x"]))),
        (#"{"Action": "DELETE"}"#, .remove),
    ])
    func `an attribute update becomes an action`(
        json: String,
        action: AttributeUpdate.Action,
    ) throws {
        let body = #"{"TableName": "abc", "Key": {}, "AttributeUpdates": {"a": \#(json)}}"#
        guard case .updateItem(let request) = try decode("UpdateItem", body) else {
            throw WrongOperation()
        }
        #expect(request.attributeUpdates == [AttributeUpdate("a", action)])
    }

    @Test func `unprocessed keys keep the attributes to get`() throws {
        let keys = TableKeys(tableName: "abc", keys: [], attributesToGet: ["a", "b.c"])
        let body = try text(BatchGetItemResponse(tables: [], unprocessed: [keys]))
        #expect(body.contains(#""AttributesToGet":["a","b.c"]"#))
    }

    // MARK: Conditions

    @Test(arguments: [
        (#"{"ComparisonOperator": "EQ"}"#, "EQ"),
        (#"{"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}, {"S": "b"}]}"#, "EQ"),
        (#"{"ComparisonOperator": "NULL", "AttributeValueList": [{"S": "a"}]}"#, "NULL"),
        (#"{"ComparisonOperator": "NOT_NULL", "AttributeValueList": [{"S": "a"}]}"#, "NOT_NULL"),
        (#"{"ComparisonOperator": "IN", "AttributeValueList": []}"#, "IN"),
        (#"{"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"S": "a"}]}"#, "BETWEEN"),
        (#"{"ComparisonOperator": "CONTAINS"}"#, "CONTAINS"),
        (#"{"ComparisonOperator": "BEGINS_WITH"}"#, "BEGINS_WITH"),
    ])
    func `an operator takes so many values`(condition: String, name: String) {
        for (operation, parameter) in [("Scan", "ScanFilter"), ("Query", "KeyConditions")] {
            let error = failure(
                operation,
                #"{"TableName": "abc", "\#(parameter)": {"a": \#(condition)}}"#,
            )
            #expect(
                error?.message == Self.prefix
                    + "Invalid number of argument(s) for the \(name) ComparisonOperator"
            )
        }
    }

    private static let values = [
        "S": #"{"S": "a"}"#, "N": #"{"N": "1"}"#, "B": #"{"B": "YQ=="}"#,
        "BOOL": #"{"BOOL": true}"#, "NULL": #"{"NULL": true}"#, "SS": #"{"SS": ["a"]}"#,
        "NS": #"{"NS": ["1"]}"#, "BS": #"{"BS": ["YQ=="]}"#, "L": #"{"L": []}"#, "M": #"{"M": {}}"#,
    ]

    @Test(
        arguments: [
            ("EQ", Set(values.keys)), ("NE", Set(values.keys)), ("BEGINS_WITH", ["S", "B"]),
        ]
            + ["LT", "LE", "GT", "GE", "CONTAINS", "NOT_CONTAINS", "IN", "BETWEEN"].map {
                ($0, ["S", "N", "B"])
            }
    )
    func `an operator takes values of certain types`(name: String, types: Set<String>) {
        for (type, value) in Self.values {
            let list = name == "BETWEEN" ? "\(value), \(value)" : value
            let error = failure(
                "Scan",
                """
                {"TableName": "abc", "ScanFilter":
                 {"a": {"ComparisonOperator": "\(name)", "AttributeValueList": [\(list)]}}}
                """,
            )
            let message =
                Self.prefix
                + "ComparisonOperator \(name) is not valid for \(type) AttributeValue type"
            #expect(error?.message == (types.contains(type) ? nil : message))
        }
    }

    private static func scan(_ condition: String, _ message: String) -> Refusal {
        Refusal("Scan", #"{"TableName": "abc", "ScanFilter": {"a": \#(condition)}}"#, message)
    }

    /// What an operation says before what is wrong with its parameters.
    private static func told(by operation: String) -> String {
        ["PutItem", "UpdateItem", "DeleteItem"].contains(operation) ? counted : ""
    }

    private static let counted = "1 validation error detected: "

    private static func put(_ expected: String, _ message: String) -> Refusal {
        Refusal(
            "PutItem",
            #"{"TableName": "abc", "Item": {}, "Expected": {"a": \#(expected)}}"#,
            message,
        )
    }

    private static func update(_ update: String, _ message: String) -> Refusal {
        Refusal(
            "UpdateItem",
            #"{"TableName": "abc", "Key": {}, "AttributeUpdates": {"a": \#(update)}}"#,
            message,
        )
    }

    @Test(arguments: [
        scan(
            #"{"ComparisonOperator": "IN", "AttributeValueList": [{"S": "a"}, {"N": "1"}]}"#,
            prefix + "AttributeValues inside AttributeValueList must be of same type",
        ),
        scan(
            #"{"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "2"}, {"N": "1"}]}"#,
            "The BETWEEN condition was provided a range where the lower bound is greater than the "
                + "upper bound",
        ),
        scan(
            "{}",
            "1 validation error detected: Value null at 'scanFilter.a.member.comparisonOperator' "
                + "failed to satisfy constraint: Member must not be null",
        ),
        scan(
            #"{"ComparisonOperator": "eq", "AttributeValueList": [{"S": "a"}]}"#,
            "1 validation error detected: Value 'eq' at 'scanFilter.a.member.comparisonOperator' "
                + "failed to satisfy constraint: Member must satisfy enum value set: [IN, NULL, "
                + "BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]",
        ),
        scan(
            #"{"ComparisonOperator": "EQ", "AttributeValueList": [{}]}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        put(
            #"{"Value": {"S": "x"}, "AttributeValueList": [{"S": "x"}]}"#,
            prefix + "Value and AttributeValueList cannot be used together for Attribute: a",
        ),
        put(
            #"{"Exists": true, "ComparisonOperator": "NULL"}"#,
            prefix + "Exists and ComparisonOperator cannot be used together for Attribute: a",
        ),
        put(
            #"{"ComparisonOperator": "IN"}"#,
            prefix + "Value or AttributeValueList must be used with ComparisonOperator: IN "
                + "for Attribute: a",
        ),
        put(
            #"{"AttributeValueList": [{"S": "x"}]}"#,
            prefix + "AttributeValueList can only be used with a ComparisonOperator "
                + "for Attribute: a",
        ),
        put("{}", prefix + "Value must be provided when Exists is null for Attribute: a"),
        put(
            #"{"Exists": true}"#,
            prefix + "Value must be provided when Exists is true for Attribute: a",
        ),
        put(
            #"{"Exists": false, "Value": {"S": "x"}}"#,
            prefix + "Value cannot be used when Exists is false for Attribute: a",
        ),
        put(
            #"{"ComparisonOperator": "BETWEEN", "Value": {"S": "x"}}"#,
            prefix + "Invalid number of argument(s) for the BETWEEN ComparisonOperator",
        ),
        put(
            #"{"ComparisonOperator": "NULL", "Value": {"S": "x"}}"#,
            prefix + "Invalid number of argument(s) for the NULL ComparisonOperator",
        ),
        update(
            "{}",
            prefix + "Only DELETE action is allowed when no attribute value is specified",
        ),
        update(
            #"{"Action": "ADD"}"#,
            prefix + "Only DELETE action is allowed when no attribute value is specified",
        ),
        update(
            #"{"Action": "ADD", "Value": {"S": "x"}}"#,
            prefix + "ADD action is not supported for the type S",
        ),
        update(
            #"{"Action": "ADD", "Value": {"M": {}}}"#,
            prefix + "ADD action is not supported for the type M",
        ),
        update(
            #"{"Action": "DELETE", "Value": {"N": "1"}}"#,
            prefix + "DELETE action with value is not supported for the type N",
        ),
        update(
            #"{"Action": "add", "Value": {"N": "1"}}"#,
            "1 validation error detected: Value 'add' at 'attributeUpdates.a.member.action' failed "
                + "to satisfy constraint: Member must satisfy enum value set: [ADD, PUT, DELETE]",
        ),
        Refusal(
            "GetItem",
            #"{"TableName": "abc", "Key": {}, "AttributesToGet": []}"#,
            "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy "
                + "constraint: Member must have length greater than or equal to 1",
        ),
        Refusal(
            "GetItem",
            #"{"TableName": "abc", "Key": {}, "AttributesToGet": ["a", "b", "a"]}"#,
            prefix + "Duplicate value in attribute name: a",
        ),
        Refusal(
            "Scan",
            #"{"TableName": "abc", "AttributesToGet": ["a"], "Select": "COUNT"}"#,
            "Cannot specify the AttributesToGet when choosing to get only the Count",
        ),
        Refusal(
            "Query",
            #"{"TableName": "abc", "AttributesToGet": ["a"], "Select": "ALL_ATTRIBUTES"}"#,
            "1 validation error detected: "
                + "Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES",
        ),
    ])
    func `what is wrong with a parameter is told in the service's words`(refusal: Refusal) {
        let error = failure(refusal.operation, refusal.body)
        let start = refusal.message.hasPrefix(Self.counted) ? "" : Self.told(by: refusal.operation)
        #expect(error == .validation(start + refusal.message))
    }

    @Test func `conditions are bounded`() {
        func body(_ count: Int) -> String {
            let list = (0..<count).map { #"{"N": "\#($0)"}"# }.joined(separator: ",")
            let condition = #"{"ComparisonOperator": "IN", "AttributeValueList": [\#(list)]}"#
            return #"{"TableName": "abc", "ScanFilter": {"a": \#(condition)}}"#
        }
        #expect(failure("Scan", body(4095)) == nil)
        #expect(
            failure("Scan", body(4096))?.message == Self.prefix
                + "ScanFilter has more than 4096 conditions and values"
        )
    }

    // MARK: Rules between parameters

    @Test(arguments: [
        ("Scan", #""ScanFilter": {}"#, 0), ("Scan", #""AttributesToGet": ["a"]"#, 0),
        ("Scan", #""ScanFilter": {"a": {"ComparisonOperator": "NULL"}}"#, 1),
        ("Query", #""KeyConditions": {"a": {"ComparisonOperator": "NULL"}}"#, 0),
        ("Query", #""QueryFilter": {"a": {"ComparisonOperator": "NULL"}}"#, 1),
        ("PutItem", #""Item": {}"#, 0), ("DeleteItem", #""Key": {}, "Expected": {}"#, 0),
        ("UpdateItem", #""Key": {}, "Expected": {"a": {"Exists": false}}"#, 1),
    ])
    func `a conditional operator needs two conditions`(
        operation: String,
        parameters: String,
        conditionCount: Int,
    ) {
        let error = failure(
            operation,
            #"{"TableName": "abc", "ConditionalOperator": "OR", \#(parameters)}"#,
        )
        #expect(
            error?.message
                == Self.told(by: operation)
                + (conditionCount == 0
                    ? "ConditionalOperator cannot be used without Filter or Expected"
                    : "ConditionalOperator can only be used when Filter or Expected has two or "
                        + "more elements")
        )
    }

    private static let every = """
        "TableName": "abc", "Key": {}, "Item": {}, "AttributesToGet": ["a"], "AttributeUpdates": {},
        "Expected": {}, "ConditionalOperator": "OR", "KeyConditions": {}, "QueryFilter": {},
        "ScanFilter": {}, "UpdateExpression": "", "ConditionExpression": "",
        "ProjectionExpression": "", "FilterExpression": "", "KeyConditionExpression": ""
        """

    @Test(arguments: [
        ("GetItem", "AttributesToGet", "ProjectionExpression"),
        ("PutItem", "Expected, ConditionalOperator", "ConditionExpression"),
        ("DeleteItem", "Expected, ConditionalOperator", "ConditionExpression"),
        (
            "UpdateItem", "AttributeUpdates, Expected, ConditionalOperator",
            "UpdateExpression, ConditionExpression"
        ),
        (
            "Query", "AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
            "ProjectionExpression, FilterExpression, KeyConditionExpression"
        ),
        (
            "Scan", "AttributesToGet, ScanFilter, ConditionalOperator",
            "ProjectionExpression, FilterExpression"
        ),
    ])
    func `parameters of both languages are listed in one order`(
        operation: String,
        legacy: String,
        expressions: String,
    ) {
        #expect(
            failure(operation, "{\(Self.every)}")?.message
                == Self.told(by: operation) + Self.mixing
                + "Non-expression parameters: {\(legacy)} Expression parameters: {\(expressions)}"
        )
    }

    @Test func `a batch may not mix in any of its tables`() {
        let error = failure(
            "BatchGetItem",
            """
            {"RequestItems": {"abc": {"Keys": [{"k": {"S": "a"}}]}, "abd": {"Keys":
             [{"k": {"S": "a"}}], "AttributesToGet": ["a"], "ProjectionExpression": "a"}}}
            """,
        )
        #expect(error?.message.hasPrefix(Self.mixing) == true)
    }

    @Test func `key conditions may stand beside other expressions`() {
        let keys = #"{"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}"#
        let body = """
            {"TableName": "abc", "KeyConditions": \(keys), "FilterExpression": "a = b",
             "ProjectionExpression": "a"}
            """
        #expect(failure("Query", body) == nil)
    }

    @Test func `mixing languages is told before wrong values`() {
        let error = failure(
            "PutItem",
            """
            {"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}},
             "ConditionExpression": ""}
            """,
        )
        #expect(error?.message.hasPrefix(Self.told(by: "PutItem") + Self.mixing) == true)
    }
}
