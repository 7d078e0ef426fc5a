"""Words for requests without expressions."""


def asks(operator, *values):
    """A condition: *operator* between an attribute and *values*."""
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


def mixing(legacy, expressions):
    """What is said of a request that has parameters of both kinds."""
    return (
        "Can not use both expression and non-expression parameters in the same request: "
        f"Non-expression parameters: {{{legacy}}} Expression parameters: {{{expressions}}}"
    )
