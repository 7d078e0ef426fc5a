import Items
import Testing
import Wire

@Suite struct ErrorResponseTests {
    private func body(_ error: ServiceError) -> String {
        String(decoding: ErrorResponse(error).body, as: UTF8.self)
    }

    @Test func `each error has its namespace and its message`() {
        #expect(
            body(.validation("no"))
                == #"{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}"#
        )
        #expect(
            body(.serialization("no"))
                == #"{"__type":"com.amazon.coral.service#SerializationException","Message":"no"}"#
        )
        #expect(
            body(.unknownOperation)
                == #"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#
        )
        #expect(
            body(.tableNotFound("abc"))
                == #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","#
                + #""message":"Requested resource not found: Table: abc not found"}"#
        )
    }

    @Test func `a failed condition carries the item`() {
        let item = Item([Item.Attribute("a", .bool(true))])
        #expect(
            body(.conditionFailed(item: item))
                == #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","#
                + #""Message":"The conditional request failed","Item":{"a":{"BOOL":true}}}"#
        )
    }

    @Test func `the service's failures are 500, the caller's 400`() {
        #expect(ErrorResponse(.internalFailure("x")).status == 500)
        #expect(ErrorResponse(.missingAuthenticationToken).status == 400)
    }

    @Test func `a key that does not fit is told in the words for keys or for items`() {
        let type = ItemKeyError.typeMismatch(name: "pk", expected: .string, actual: "N")
        #expect(KeyValidation.keyError(type) == .keyMismatch)
        #expect(
            KeyValidation.itemError(type).message
                == "One or more parameter values were invalid: "
                + "Type mismatch for key pk expected: S actual: N"
        )
        #expect(
            KeyValidation.itemError(.missing(name: "pk")).message
                == "One or more parameter values were invalid: Missing the key pk in the item"
        )
        #expect(
            KeyValidation.keyError(.empty(name: "pk", type: .binary)).message
                == "One or more parameter values are not valid. The AttributeValue for a key "
                + "attribute cannot contain an empty binary value. Key: pk"
        )
    }
}
