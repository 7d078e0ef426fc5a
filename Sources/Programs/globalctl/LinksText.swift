import JSON

/// Links as lines: the daemon's, and what the regions have counted.
enum LinksText {
    private static let counts = ["fetched", "applied", "stale", "conflicts", "quarantined"]

    static func table(_ links: [JSONValue]) -> String {
        var table = TextTable(
            ["LINK", "IS", "STATE", "LAG ms", "LAG changes", "HEARD ms ago"]
                + counts.map { $0.uppercased() } + ["WHY"],
            numeric: Set(3...10),
        )
        for link in links {
            table.add(
                [
                    "\(link["from"]?.text ?? "?") → \(link["to"]?.text ?? "?")",
                    link["standing"]?.text ?? "?",
                    link["state"]?.text ?? "?",
                    link["lagMilliseconds"]?.digits ?? "-",
                    link["lagChanges"]?.digits ?? "-",
                    link["sinceHeartbeatMilliseconds"]?.digits ?? "-",
                ] + numbers(link) + [link["reason"]?.text ?? ""]
            )
        }
        return table.text
    }

    /// Empty if no region has heard of another.
    static func accounts(_ regions: [(name: String, links: [JSONValue])]) -> String {
        var table = TextTable(
            ["RECEIVED", "FROM", "IS", "LAG ms", "PENDING"] + counts.map { $0.uppercased() }
                + ["WHY"],
            numeric: Set(3...9),
        )
        for (name, links) in regions {
            for link in links {
                table.add(
                    [
                        name, link["region"]?.text ?? "?", link["standing"]?.text ?? "?",
                        link["lagMilliseconds"]?.digits ?? "-", link["pending"]?.digits ?? "-",
                    ] + numbers(link) + [link["reason"]?.text ?? ""]
                )
            }
        }
        return table.isEmpty ? "" : table.text
    }

    private static func numbers(_ link: JSONValue) -> [String] {
        counts.map { link["accounting"]?[$0]?.digits ?? "-" }
    }
}
