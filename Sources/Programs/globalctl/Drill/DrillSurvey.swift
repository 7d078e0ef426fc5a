import JSON

/// What regions hold of the scratch table at one time.
struct DrillSurvey {
    /// By region, each item with its value.
    private(set) var items: [String: [String: String]] = [:]
    /// The values that the regions' logs name as losers.
    private(set) var losers: Set<String> = []

    /// - Throws: if one of the regions does not answer.
    init(_ names: [String], _ table: ScratchTable) throws {
        for name in names {
            items[name] = try Self.scan(name, table)
            let question: [JSONValue.Member] = [.init("table", .string(table.name))]
            try ConflictPages(table.regions, name, question).read { records in
                for record in records {
                    if let value = record["loser"]?["item"]?["v"]?["S"]?.text {
                        losers.insert(value)
                    }
                }
                return true
            }
        }
    }

    /// Whether all regions hold the same.
    var isAgreed: Bool {
        guard let first = items.values.first else { return true }
        return items.values.allSatisfy { $0 == first }
    }

    /// Items of which the regions hold different values, or some hold none.
    var differing: [String] {
        let names = Set(items.values.flatMap(\.keys))
        return names.filter { name in Set(items.values.map { $0[name] }).count > 1 }.sorted()
    }

    /// What one of the regions holds.
    var agreed: [String: String] { items.values.first ?? [:] }

    private static func scan(_ region: String, _ table: ScratchTable) throws -> [String: String] {
        var found: [String: String] = [:]
        var start: JSONValue?
        repeat {
            var members: [JSONValue.Member] = [
                .init("TableName", .string(table.name)), .init("ConsistentRead", .bool(true)),
            ]
            if let start { members.append(.init("ExclusiveStartKey", start)) }
            let page = try table.regions.api(region, "Scan", .object(members))
            for item in page["Items"]?.elements ?? [] {
                guard let name = item["p"]?["S"]?.text, let value = item["v"]?["S"]?.text else {
                    throw Failure("\(region): an item of \(table.name) is none of the drill's")
                }
                found[name] = value
            }
            start = page["LastEvaluatedKey"]
        } while start != nil
        return found
    }
}
