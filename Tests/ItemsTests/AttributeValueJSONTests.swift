import Items
import JSON
import Testing

struct AttributeValueJSONTests {
    private func value(_ json: String) throws -> AttributeValue {
        try AttributeValue(json: JSONParser.parse(Array(json.utf8)))
    }

    private func written(_ value: AttributeValue) -> String {
        var writer = JSONWriter()
        value.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        #"{"S":""}"#, #"{"S":"a\"b"}"#, #"{"N":"-1.5"}"#, #"{"B":"AAE="}"#, #"{"B":""}"#,
        #"{"BOOL":true}"#, #"{"BOOL":false}"#, #"{"NULL":true}"#, #"{"SS":["a","b"]}"#,
        #"{"NS":["-1","2"]}"#, #"{"BS":["AA==","AQ=="]}"#, #"{"L":[]}"#, #"{"M":{}}"#,
        #"{"L":[{"S":"x"},{"L":[{"NULL":true}]}]}"#,
        #"{"M":{"a":{"N":"1"},"b":{"M":{"c":{"S":"é"}}}}}"#,
    ])
    func `canonical JSON comes back as it was`(json: String) throws {
        #expect(written(try value(json)) == json)
    }

    @Test func `sets and maps are sorted, numbers become plain`() throws {
        #expect(written(try value(#"{"SS":["b","a"]}"#)) == #"{"SS":["a","b"]}"#)
        #expect(written(try value(#"{"NS":["10","9","-1e1"]}"#)) == #"{"NS":["-10","9","10"]}"#)
        #expect(
            written(try value(#"{"M":{"b":{"NULL":true},"a":{"N":"1e2"}}}"#))
                == #"{"M":{"a":{"N":"100"},"b":{"NULL":true}}}"#
        )
        #expect(written(try value(#"{"S":"x","N":null}"#)) == #"{"S":"x"}"#)
    }

    @Test(arguments: [
        (
            "{}",
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"S":null}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"X":"a"}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"S":"a","N":"1"}"#,
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
        ),
        (#"{"S":"a","N":"b"}"#, "The parameter cannot be converted to a numeric value: b"),
        (#"{"N":"abc"}"#, "The parameter cannot be converted to a numeric value: abc"),
        (
            #"{"N":"123456789012345678901234567890123456789"}"#,
            "Attempting to store more than 38 significant digits in a Number"
        ),
        (
            #"{"N":"1e126"}"#,
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        ),
        (
            #"{"NS":["1e-131"]}"#,
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        ),
        (
            #"{"SS":[]}"#,
            "One or more parameter values were invalid: An string set  may not be empty"
        ),
        (
            #"{"NS":[]}"#,
            "One or more parameter values were invalid: An number set  may not be empty"
        ),
        (
            #"{"BS":[]}"#,
            "One or more parameter values were invalid: Binary sets should not be empty"
        ),
        (
            #"{"SS":["a",null]}"#,
            "One or more parameter values were invalid: An string set may not have a null string as a member"
        ),
        (
            #"{"NS":["1",null]}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"BS":[null]}"#,
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        ),
        (
            #"{"NULL":false}"#,
            "One or more parameter values were invalid: Null attribute value types must have the value of true"
        ),
    ])
    func `a value that cannot be is a validation error in the service's words`(
        json: String,
        message: String,
    ) {
        #expect(throws: AttributeValueError.validation(message)) { try value(json) }
    }

    @Test(arguments: [
        (
            #"{"N":""}"#,
            "The parameter cannot be converted to a numeric value: ",
            "The parameter cannot be converted to a numeric value"
        ),
        (
            #"{"SS":["b","a","b","c","a"]}"#,
            #"One or more parameter values were invalid: Input collection ["a", "b", "b", "c", "a"] contains duplicates."#,
            "One or more parameter values were invalid: Input collection [b, a, b, c, a] contains duplicates."
        ),
        (
            #"{"NS":["1","1.0"]}"#,
            "One or more parameter values were invalid: Input collection contains duplicates.",
            "Input collection contains duplicates"
        ),
        (
            #"{"BS":["/w==","AA==","AA=="]}"#,
            #"One or more parameter values were invalid: Input collection ["AA==","/w==","AA=="]of type BS contains duplicates."#,
            "One or more parameter values were invalid: Input collection [/w==, AA==, AA==]of type BS contains duplicates."
        ),
    ])
    func `of some values newer and older operations tell in words of their own`(
        json: String,
        newer: String,
        older: String,
    ) {
        #expect(throws: AttributeValueError.worded(newer: newer, older: older)) {
            try value(json)
        }
    }

    @Test(arguments: [
        (#"{"S":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"S":1.5}"#, "DECIMAL_VALUE cannot be converted to String"),
        (#"{"N":123}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"S":true}"#, "TRUE_VALUE cannot be converted to String"),
        (#"{"S":[]}"#, "Unrecognized collection type class java.lang.String"),
        (#"{"S":{}}"#, "Start of structure or map found where not expected"),
        (#"{"BOOL":"true"}"#, "STRING_VALUE cannot be converted to Boolean"),
        (#"{"B":1}"#, "only base64-encoded data is expected"),
        (#"{"B":"abc"}"#, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        (#"{"B":"ab*="}"#, "Invalid Base64 content"),
        (#"{"L":"x"}"#, "Unexpected field type"),
        (#"{"L":{}}"#, "Start of structure or map found where not expected"),
        (#"{"L":["x"]}"#, "Unexpected value type in payload"),
        (#"{"M":1}"#, "Unexpected field type"),
        (#""x""#, "Unexpected value type in payload"),
        (#"{"SS":[1]}"#, "NUMBER_VALUE cannot be converted to String"),
    ])
    func `a JSON type that does not belong is a serialization error`(
        json: String,
        message: String,
    ) {
        #expect(throws: AttributeValueError.serialization(message)) { try value(json) }
    }

    @Test func `31 levels around a scalar are stored and 32 refused`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"L":["#, count: depth) + #"{"NULL":true}"#
                + String(repeating: "]}", count: depth)
        }
        let item = Item([Item.Attribute("a", try value(nested(31)))])
        #expect(try Item(decoding: item.encoded()) == item)
        let message =
            "Nesting Levels have exceeded supported limits: "
            + "Attributes in the item have nested levels beyond supported limit"
        #expect(throws: AttributeValueError.validation(message)) { try value(nested(32)) }
        #expect(throws: AttributeValueError.validation(message)) { try value(nested(45)) }
    }

    @Test func `any item comes back from its JSON`() throws {
        var random = SplitMix64(seed: 30)
        for _ in 0..<2000 {
            let item = RandomItem.item(&random)
            var writer = JSONWriter()
            item.write(to: &writer)
            #expect(try Item(json: JSONParser.parse(writer.bytes)) == item)
        }
    }

    @Test(arguments: [
        (#"{"M":{"b":{"L":"x"},"a":{"S":1}}}"#, "Unexpected field type"),
        (#"{"M":{"b":{"S":1},"a":{"L":"x"}}}"#, "NUMBER_VALUE cannot be converted to String"),
    ])
    func `of several faults the first one of the request is told`(json: String, message: String) {
        #expect(throws: AttributeValueError.serialization(message)) { try value(json) }
    }

    @Test func `an item's attributes are sorted and the last of one name stays`() throws {
        let json = #"{"b":{"N":"1"},"a":{"N":"2"},"b":{"N":"3"}}"#
        let item = try Item(json: JSONParser.parse(Array(json.utf8)))
        #expect(item.attributes.map(\.name) == ["a", "b"])
        #expect(item["b"] == .number(DecimalNumber(3)))
    }
}
