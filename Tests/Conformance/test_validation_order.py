"""Which of several faults a request is refused for, and in whose words."""

import pytest

from support import INVALID, L, M, N, NS, S, SS, constraint, counted, invalid, unique

NESTED = (
    "Nesting Levels have exceeded supported limits: "
    "Attributes in the item have nested levels beyond supported limit"
)
NOT_NUMERIC = "The parameter cannot be converted to a numeric value"


def fault(value, at, rule):
    return f"Value '{value}' at '{at}' failed to satisfy constraint: {rule}"


def several(*faults):
    count = "1 validation error" if len(faults) == 1 else f"{len(faults)} validation errors"
    return invalid(f"{count} detected: " + "; ".join(faults))


CAPACITY = fault(
    "BOGUS", "returnConsumedCapacity", "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
)
METRICS = fault(
    "BOGUS", "returnItemCollectionMetrics", "Member must satisfy enum value set: [SIZE, NONE]"
)
VALUES = fault(
    "BOGUS",
    "returnValues",
    "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
)
# The words of single writes whose key or item is there and of ordinary depth.
VALUES_NEWLY = (
    "Failed to satisfy constraint: Member must satisfy enum value set: "
    "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
)
OPERATOR_NEWLY = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]"
EMPTY_NAME_NEWLY = (
    "Value at 'TableName' failed to satisfy constraint: "
    "Member must have length greater than or equal to 1"
)
EMPTY_NAME = fault("", "tableName", "Member must have length greater than or equal to 1")
NO_KEY = "Value null at 'key' failed to satisfy constraint: Member must not be null"


def deep(levels):
    value = S("leaf")
    for _ in range(levels):
        value = M(n=value)
    return value


class TestMembers:
    def test_violations_are_listed_in_the_services_order(self, loose):
        with several(CAPACITY, EMPTY_NAME, VALUES, NO_KEY):
            loose.update_item(TableName="", ReturnConsumedCapacity="BOGUS", ReturnValues="BOGUS")
        with several(CAPACITY, VALUES_NEWLY, METRICS):
            loose.put_item(
                TableName="abc",
                Item={"p": S("a")},
                ReturnConsumedCapacity="BOGUS",
                ReturnItemCollectionMetrics="BOGUS",
                ReturnValues="BOGUS",
            )
        with several(CAPACITY, VALUES_NEWLY):
            loose.delete_item(
                TableName="abc",
                Key={"p": S("a")},
                ReturnConsumedCapacity="BOGUS",
                ReturnValues="BOGUS",
            )

    def test_some_members_of_a_single_write_are_found_alone(self, loose):
        bogus = {"ReturnConsumedCapacity": "BOGUS", "ReturnValues": "BOGUS"}
        key = {"p": S("a")}
        for write in (
            lambda **more: loose.put_item(Item=key, **more),
            lambda **more: loose.update_item(Key=key, **more),
            lambda **more: loose.delete_item(Key=key, **more),
        ):
            with several(EMPTY_NAME_NEWLY):
                write(TableName="", **bogus)
            with several(OPERATOR_NEWLY):
                write(TableName="abc", ConditionalOperator="XOR")
        with several(VALUES_NEWLY):
            loose.update_item(TableName="abc", Key=key, **bogus)
        with several(CAPACITY, EMPTY_NAME, NO_KEY):
            loose.get_item(TableName="", ReturnConsumedCapacity="BOGUS")

    def test_a_very_deep_write_is_refused_in_the_older_words(self, loose):
        with several(CAPACITY, VALUES):
            loose.delete_item(
                TableName="abc",
                Key={"p": deep(63)},
                ReturnConsumedCapacity="BOGUS",
                ReturnValues="BOGUS",
            )

    def test_a_conditional_operator_comes_before_the_key(self, loose):
        operator = fault("XOR", "conditionalOperator", "Member must satisfy enum value set: [OR, AND]")
        with several(operator, NO_KEY):
            loose.update_item(
                TableName="abc",
                AttributeUpdates={"x": {"Action": "PUT", "Value": S("1")}},
                Expected={"a": {"Exists": False}, "b": {"Exists": False}},
                ConditionalOperator="XOR",
            )

    def test_a_tables_name_is_a_text_first_and_a_name_then(self, loose):
        with several(EMPTY_NAME_NEWLY):
            loose.put_item(TableName="", Item={})
        with several(NO_KEY):
            loose.get_item(TableName="a!")
        with constraint(
            "bad name!", "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ):
            loose.get_item(TableName="bad name!", Key={"p": S("a")})

    def test_a_new_table_must_have_a_name(self, loose):
        with invalid("The parameter 'TableName' is required but was not present in the request"):
            loose.create_table(
                KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )

    def test_the_limit_of_a_query(self, loose, table_s):
        message = "Value at 'Limit' failed to satisfy constraint: "
        with invalid(
            "1 validation error detected: " + message
            + "Member must have value greater than or equal to 1"
        ):
            loose.query(
                TableName=table_s.name,
                KeyConditionExpression="p = :p",
                ExpressionAttributeValues={":p": S("a")},
                Limit=0,
            )


class TestBatches:
    KEYS = (
        "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
        "Member must have length greater than or equal to 3, "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
    )

    def test_a_wrong_name_of_a_table_is_a_member_of_a_read_and_comes_last_in_a_write(self, loose):
        shown = '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}'
        with several(fault(shown, "requestItems", self.KEYS), CAPACITY):
            loose.batch_get_item(
                RequestItems={"bad!name": {"Keys": [{"pk": S("a")}]}},
                ReturnConsumedCapacity="BOGUS",
            )
        write = {"bad!name": [{"PutRequest": {"Item": {"pk": S("a")}}}]}
        with several(CAPACITY):
            loose.batch_write_item(RequestItems=write, ReturnConsumedCapacity="BOGUS")
        shown = "{bad!name=[WriteRequest(putRequest=PutRequest(item={pk=...}), deleteRequest=null)]}"
        with several(fault(shown, "requestItems", self.KEYS)):
            loose.batch_write_item(RequestItems=write)

    def test_an_empty_batch(self, loose, table_s):
        at = "1 validation error detected: Value at 'RequestItems"
        rule = "' failed to satisfy constraint: Member must have length greater than or equal to 1"
        with invalid(at + rule):
            loose.batch_get_item(RequestItems={})
        with invalid(f"{at}.{table_s.name}.member.Keys{rule}"):
            loose.batch_get_item(RequestItems={table_s.name: {"Keys": []}})
        with invalid("The requestItems parameter is required for BatchWriteItem"):
            loose.batch_write_item(RequestItems={})

    @pytest.mark.parametrize("item", [{"p": N(5)}, {"p": L(S("x"))}, {"other": S("x")}])
    def test_an_item_whose_key_does_not_fit_is_told_as_a_key(self, loose, table_s, item):
        with invalid("The provided key element does not match the schema"):
            loose.batch_write_item(RequestItems={table_s.name: [{"PutRequest": {"Item": item}}]})

    def test_one_request_speaks_one_language(self, loose, table_s, table_ss):
        with invalid(
            "Can not use both expression and non-expression parameters in the same request: "
            "Non-expression parameters: {AttributesToGet} "
            "Expression parameters: {ProjectionExpression}"
        ):
            loose.batch_get_item(
                RequestItems={
                    table_s.name: {"Keys": [{"p": S("a")}], "ProjectionExpression": "p"},
                    table_ss.name: {
                        "Keys": [{"p": S("a"), "c": S("b")}],
                        "AttributesToGet": ["p"],
                    },
                }
            )


class TestTransactions:
    SYNTAX = 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("'

    def write(self, loose, *actions, **rest):
        return loose.transact_write_items(TransactItems=list(actions), **rest)

    def put(self, table, item, **rest):
        return {"Put": {"TableName": table, "Item": item, **rest}}

    def check(self, table, **rest):
        condition = {"ConditionExpression": "attribute_not_exists(p)", **rest}
        return {"ConditionCheck": {"TableName": table, "Key": {"p": S("c")}, **condition}}

    def test_members_come_first_and_the_token_before_them(self, loose, table_s):
        token = "x" * 37
        length = fault(token, "clientRequestToken", "Member must have length less than or equal to 36")
        with several(length, CAPACITY):
            self.write(
                loose,
                self.put(table_s.name, {"p": S("a")}),
                ClientRequestToken=token,
                ReturnConsumedCapacity="BOGUS",
            )

    def test_the_first_action_with_a_fault_is_told(self, loose, table_s):
        broken = self.check(table_s.name, ConditionExpression="attribute_not_exists(")
        nested = self.put(table_s.name, {"p": S("d"), "data": deep(32)})
        nameless = self.put(table_s.name, {"p": S("e"), "": S("x")})
        for first, second, message in (
            (broken, nested, self.SYNTAX),
            (nested, broken, NESTED),
            (nested, nameless, NESTED),
            (nameless, nested, "Empty attribute name"),
            (nameless, broken, "Empty attribute name"),
        ):
            with invalid(message):
                self.write(loose, first, second)

    def test_a_very_deep_value_is_told_in_its_turn(self, loose, table_s):
        broken = self.put(table_s.name, {"p": S("a")}, ConditionExpression="a = = b")
        nested = {"Delete": {"TableName": table_s.name, "Key": {"p": deep(100)}}}
        with invalid('Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"'):
            self.write(loose, broken, nested)
        with invalid(NESTED):
            self.write(loose, nested, broken)
        delete = nested["Delete"] | {"ConditionExpression": "a = = b"}
        with invalid('Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"'):
            self.write(loose, {"Delete": delete})

    def test_faults_of_actions_come_before_tables_that_are_not_there(self, loose, table_s):
        unused = self.check(table_s.name, ExpressionAttributeValues={":v": S("x")})
        message = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"
        elsewhere = self.put(unique("none-"), {"p": S("a")})
        for actions in ((elsewhere, unused), (unused, elsewhere)):
            with invalid(message):
                self.write(loose, *actions)


class TestWords:
    """Operations on one item, BatchGetItem and Query have newer words than the others."""

    @pytest.mark.parametrize(
        "value,newer,older",
        [
            (N(""), f"{NOT_NUMERIC}: ", NOT_NUMERIC),
            (
                SS("b", "a", "b"),
                INVALID + 'Input collection ["a", "b", "b"] contains duplicates.',
                INVALID + "Input collection [b, a, b] contains duplicates.",
            ),
            (
                {"BS": [b"\xff", b"\0", b"\0"]},
                INVALID + 'Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.',
                INVALID + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
            ),
            (
                NS(2, 1, 2),
                INVALID + "Input collection contains duplicates.",
                "Input collection contains duplicates",
            ),
        ],
    )
    def test_values_that_are_none(self, loose, table_s, value, newer, older):
        name, key = table_s.name, {"p": S("a")}
        condition = {
            "ConditionExpression": "attribute_not_exists(p) OR a = :v",
            "ExpressionAttributeValues": {":v": value},
        }
        with counted(newer):
            loose.put_item(TableName=name, Item={**key, "a": value})
        with counted(newer):
            loose.put_item(TableName=name, Item=key, Expected={"a": {"Value": value}})
        with counted(newer):
            loose.update_item(TableName=name, Key=key, UpdateExpression="REMOVE b", **condition)
        with counted(newer):
            loose.delete_item(TableName=name, Key={"p": value})
        with invalid(newer):
            loose.get_item(TableName=name, Key={"p": value})
        with invalid(newer):
            loose.batch_get_item(RequestItems={name: {"Keys": [{"p": value}]}})
        with invalid(newer):
            loose.query(
                TableName=name,
                KeyConditionExpression="p = :v",
                ExpressionAttributeValues={":v": value},
            )
        with invalid(older):
            loose.batch_write_item(
                RequestItems={name: [{"PutRequest": {"Item": {**key, "a": value}}}]}
            )
        with invalid(older):
            loose.transact_get_items(TransactItems=[{"Get": {"TableName": name, "Key": {"p": value}}}])
        with invalid(f"ExpressionAttributeValues contains invalid value: {older} for key :v"):
            loose.transact_write_items(
                TransactItems=[{"Delete": {"TableName": name, "Key": key, **condition}}]
            )
        with invalid(f"ExpressionAttributeValues contains invalid value: {older} for key :v"):
            loose.scan(
                TableName=name,
                FilterExpression="a = :v",
                ExpressionAttributeValues={":v": value},
            )

    @pytest.mark.parametrize("operation", ["put_item", "delete_item", "update_item"])
    def test_writes_of_one_item_count_what_is_wrong_with_the_request(self, loose, table_s, operation):
        key = {"Item" if operation == "put_item" else "Key": {"p": S("a")}}

        def write(**rest):
            getattr(loose, operation)(TableName=table_s.name, **key, **rest)

        with counted("ExpressionAttributeValues can only be specified when using expressions"):
            write(ExpressionAttributeValues={":v": S("x")})
        with counted("ExpressionAttributeNames can only be specified when using expressions"):
            write(ExpressionAttributeNames={"#a": "a"})
        with counted("ExpressionAttributeValues must not be empty"):
            write(ConditionExpression="attribute_exists(a)", ExpressionAttributeValues={})
        with counted("Invalid ConditionExpression: The expression can not be empty;"):
            write(ConditionExpression="")
        with counted(INVALID + "Value must be provided when Exists is true for Attribute: a"):
            write(Expected={"a": {"Exists": True}})
        with counted(
            "Invalid ConditionExpression: An expression attribute value used in expression is not "
            "defined; attribute value: :v"
        ):
            write(ConditionExpression="a = :v")

    def test_what_the_table_decides_is_not_counted(self, loose, table_s):
        with invalid("The provided key element does not match the schema"):
            loose.delete_item(TableName=table_s.name, Key={"p": N(1)})
        with invalid(INVALID + "Cannot update attribute p. This attribute is part of the key"):
            loose.update_item(
                TableName=table_s.name,
                Key={"p": S("a")},
                UpdateExpression="SET p = :v",
                ExpressionAttributeValues={":v": S("x")},
            )

    def test_an_update_expression_is_too_long_by_no_number(self, loose, table_s):
        text = "SET " + ", ".join(f"a{n} = :v" for n in range(500))
        with counted(
            "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;"
        ):
            loose.update_item(
                TableName=table_s.name,
                Key={"p": S("a")},
                UpdateExpression=text,
                ExpressionAttributeValues={":v": S("x")},
            )


def test_three_conditions_of_a_query(loose, table_sn):
    with invalid(
        "The number of query conditions (3) exceeds the number of key attributes defined in the "
        "schema (2)"
    ):
        loose.query(
            TableName=table_sn.name,
            KeyConditionExpression="p = :p AND c > :c AND x = :c",
            ExpressionAttributeValues={":p": S("q"), ":c": N(1)},
        )
    with invalid(
        "Invalid KeyConditionExpression: "
        "KeyConditionExpressions must only contain one condition per key"
    ):
        loose.query(
            TableName=table_sn.name,
            KeyConditionExpression="p = :p AND c > :c AND c < :c",
            ExpressionAttributeValues={":p": S("q"), ":c": N(1)},
        )
