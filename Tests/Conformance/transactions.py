"""Words for transactions: their actions in short, and what is said of cancelled ones."""

import pytest
from botocore.exceptions import ClientError

from support import INVALID, S, unique

KB = 1024
CANCELLED = "TransactionCanceledException"
MISMATCH = "IdempotentParameterMismatchException"
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}
TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


def said(kind, table, rest, condition=None, names=None, values=None, old=False):
    action = {"TableName": table.name} | rest
    if condition is not None:
        action["ConditionExpression"] = condition
    if names is not None:
        action["ExpressionAttributeNames"] = names
    if values is not None:
        action["ExpressionAttributeValues"] = values
    if old:
        action["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return {kind: action}


def put(table, item, *rest, **more):
    return said("Put", table, {"Item": item}, *rest, **more)


def update(table, key, expression, *rest, **more):
    return said("Update", table, {"Key": key, "UpdateExpression": expression}, *rest, **more)


def delete(table, key, *rest, **more):
    return said("Delete", table, {"Key": key}, *rest, **more)


def check(table, key, condition, *rest, **more):
    return said("ConditionCheck", table, {"Key": key}, condition, *rest, **more)


def get(table, key, projection=None, names=None):
    action = {"TableName": table.name, "Key": key}
    if projection is not None:
        action["ProjectionExpression"] = projection
    if names is not None:
        action["ExpressionAttributeNames"] = names
    return {"Get": action}


def write(loose, *actions, **rest):
    return loose.transact_write_items(TransactItems=list(actions), **rest)


def read(loose, *gets, **rest):
    return loose.transact_get_items(TransactItems=list(gets), **rest)


def keys(count):
    return [{"p": S(unique())} for _ in range(count)]


class cancelled:
    """The block's transaction is cancelled for these reasons, in this order."""

    def __init__(self, *reasons):
        self.reasons = list(reasons)

    def __enter__(self):
        self.raises = pytest.raises(ClientError)
        self.caught = self.raises.__enter__()

    def __exit__(self, *rest):
        passed = self.raises.__exit__(*rest)
        if rest[0] is not None and passed:
            answer = self.caught.value.response
            assert answer["Error"]["Code"] == CANCELLED, answer["Error"]
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
            assert answer["CancellationReasons"] == self.reasons
            codes = ", ".join(reason["Code"] for reason in self.reasons)
            assert answer["Error"]["Message"] == (
                "Transaction cancelled, please refer cancellation reasons for specific reasons "
                f"[{codes}]"
            )
        return passed


def wrong(message):
    return {"Code": "ValidationError", "Message": message}


MISFIT = wrong("The provided key element does not match the schema")
LONG = S("x" * 2049)
TOO_LONG = wrong(INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes")
