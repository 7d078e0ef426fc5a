import Expressions
import Items
import JSON

/// An item, and placeholders, that expressions and statements are tried on.
struct Sample {
    static let shared = Sample()

    private let item = Item(
        typed: #"""
            {"a": {"N": "1"}, "b": {"M": {"a": {"L": [{"N": "1"}, {"M": {"b": {"S": "x"}}}]}}},
            "l": {"L": [{"N": "1"}, {"N": "2"}]}, "p": {"S": "x"}, "s": {"SS": ["x"]}}
            """#
    )
    private let schema = TableSchema(partition: .init(name: "p", type: .string))
    private let values = Item(
        typed: #"""
            {":v": {"N": "1"}, ":w": {"S": "x"}, ":l": {"L": [{"N": "1"}]}, ":s": {"SS": ["x"]}}
            """#
    ).attributes

    private var placeholders: Placeholders? {
        try? Placeholders(
            names: [("#n", "b")],
            values: values.map { ($0.name.string, $0.value) },
        )
    }

    /// Takes the text for every kind of expression, and uses it if it is one.
    func takeExpression(_ text: String) {
        guard var given = placeholders else { return }
        if let condition = try? ConditionExpression(parsing: text, placeholders: &given) {
            _ = condition.isTrue(of: item)
            _ = condition.isTrue(of: nil)
            try? condition.checkNoKeyAttributes(of: schema)
        }
        if let condition = try? KeyConditionExpression(parsing: text, placeholders: &given) {
            _ = try? condition.resolved(for: schema)
        }
        if let projection = try? ProjectionExpression(parsing: text, placeholders: &given) {
            _ = projection.project(item)
        }
        if let update = try? UpdateExpression(parsing: text, placeholders: &given),
            let result = try? update.apply(to: item, key: Item())
        {
            _ = (result.updatedOld, result.updatedNew)
            _ = try? Item(decoding: result.item.encoded())
        }
    }

    func takeStatement(_ text: String) {
        let parameters = values.map(\.value)
        guard let statement = try? PartiQLStatement(parsing: text, parameters: parameters) else {
            return
        }
        switch statement {
        case .select(let select), .exists(let select):
            _ = select.condition?.isTrue(of: item)
            _ = select.projection?.project(item)
        case .update(let update):
            _ = update.condition?.isTrue(of: item)
            _ = try? update.update.apply(to: item, key: Item())
        case .delete(let delete):
            _ = delete.condition?.isTrue(of: item)
        case .insert(let insert):
            _ = insert.item.sizeBytes
        }
    }
}

extension Item {
    /// An item that is written here, in the API's typed JSON.
    init(typed text: String) {
        guard let json = try? JSONParser.parse(Array(text.utf8)),
            let item = try? Item(json: json)
        else { preconditionFailure("not an item: \(text)") }
        self = item
    }
}
