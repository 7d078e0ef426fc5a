import JSON

/// The replicas of one table, as each region knows them at one time.
struct ReplicaView {
    private struct Entry {
        let region: String
        let answer: Result<JSONValue?, Failure>

        var table: JSONValue? { (try? answer.get()) ?? nil }
    }

    private let name: String
    private let entries: [Entry]

    init(_ table: String, _ regions: Regions) {
        name = table
        entries = regions.peers("/tables").map { region, answer in
            let found = answer.map { json in
                json["tables"]?.elements.first { $0["name"]?.text == table }
            }
            return Entry(region: region, answer: found)
        }
    }

    /// - Throws: if no region that can be reached has the table.
    func checkKnown() throws {
        if entries.contains(where: { $0.table != nil }) { return }
        let away = entries.filter { if case .failure = $0.answer { true } else { false } }
        let note =
            away.isEmpty ? "" : " (unreachable: \(away.map(\.region).joined(separator: ", ")))"
        throw Failure("no region has a table '\(name)'\(note)")
    }

    /// Regions that have an active replica by their own word.
    var members: [String] {
        entries.filter { $0.table?["status"]?.text == "ACTIVE" }.map(\.region)
    }

    func isActiveEverywhere(_ region: String) -> Bool {
        let holders = entries.filter { $0.table != nil }
        return holders.contains { $0.region == region }
            && holders.allSatisfy { status(of: region, in: $0) == "ACTIVE" }
            && holders.first { $0.region == region }?.table?["phase"]?.text == "active"
    }

    /// Whether the others that can be reached know of no replica there.
    func isGoneElsewhere(_ region: String) -> Bool {
        entries.allSatisfy { $0.region == region || status(of: region, in: $0) == nil }
    }

    func isReachable(_ region: String) -> Bool {
        entries.contains { entry in
            guard entry.region == region, case .success = entry.answer else { return false }
            return true
        }
    }

    func isGoneEverywhere(_ region: String) -> Bool {
        entries.allSatisfy { entry in
            if case .failure = entry.answer { return entry.region != region }
            return entry.region == region
                ? entry.table == nil : status(of: region, in: entry) == nil
        }
    }

    /// How far a replica is on its way, in one line.
    func progress(of region: String) -> String {
        guard let entry = entries.first(where: { $0.region == region }) else { return "" }
        switch entry.answer {
        case .failure(let failure): return failure.description
        case .success(nil): return "\(region): does not know the table yet"
        case .success(let table?):
            let phase = table["phase"]?.text ?? "?"
            guard let progress = table["progress"], let copied = progress["rowsCopied"]?.integer
            else { return "\(region): \(phase)" }
            let expected = progress["rowsExpected"]?.integer ?? 0
            let share = expected > 0 ? min(100, copied * 100 / expected) : 0
            return "\(region): \(phase), \(copied) of about \(expected) rows (\(share)%)"
        }
    }

    private func status(of region: String, in entry: Entry) -> String? {
        entry.table?["replicas"]?.elements.first { $0["region"]?.text == region }?["status"]?.text
    }

    var json: JSONValue {
        let regions = entries.map { entry -> JSONValue in
            var members: [JSONValue.Member] = [.init("region", .string(entry.region))]
            switch entry.answer {
            case .success(let table):
                members.append(.init("table", table ?? .null))
            case .failure(let failure):
                members.append(.init("unreachable", .string(failure.description)))
            }
            return .object(members)
        }
        return .object([.init("table", .string(name)), .init("regions", .array(regions))])
    }

    var text: String {
        var table = TextTable(["KNOWN IN", "REPLICA", "STATUS", "PHASE", "NOTE"])
        for entry in entries {
            switch entry.answer {
            case .failure(let failure): table.add([entry.region, "-", "-", "-", "\(failure)"])
            case .success(nil): table.add([entry.region, "-", "-", "-", "no replica here"])
            case .success(let described?):
                for replica in described["replicas"]?.elements ?? [] {
                    let region = replica["region"]?.text ?? "?"
                    table.add([
                        entry.region, region, replica["status"]?.text ?? "?",
                        region == entry.region ? described["phase"]?.text ?? "?" : "",
                        replica["statusDescription"]?.text ?? "",
                    ])
                }
            }
        }
        return table.text
    }
}
