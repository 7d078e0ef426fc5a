import Changes
import JSON

/// Who takes part in a comparison, and why the others do not.
struct VerifyPlan {
    enum Part {
        case compared
        /// The replica is being made or removed, or there is none.
        case skipped(String)
        /// It is a member, and could not be asked.
        case missing(String)
    }

    let name: String
    let table: TableID
    /// In the order of the settings.
    let parts: [(region: String, part: Part)]

    var compared: [String] {
        parts.compactMap { region, part in
            if case .compared = part { return region }
            return nil
        }
    }

    /// Whether a member is missing that was to be compared.
    var isWhole: Bool {
        !parts.contains { part in
            if case .missing = part.part { return true }
            return false
        }
    }

    var notes: [String] {
        parts.compactMap { region, part in
            switch part {
            case .compared: nil
            case .skipped(let reason): "\(region) is skipped: \(reason)"
            case .missing(let reason): "\(region) is missing: \(reason)"
            }
        }
    }

    /// Asks all regions what they know of the table.
    ///
    /// - Throws: if none has it, or they have different tables of this name.
    init(_ name: String, _ only: [String]?, _ regions: Regions) throws {
        for region in only ?? [] { try regions.check(region) }
        self.name = name
        let answers = regions.peers("/tables").map { region, answer in
            (region: region, table: answer.map { Self.table(name, in: $0) })
        }
        let known = answers.compactMap { (try? $0.table.get()) ?? nil }
        guard let first = known.first, let id = first["id"]?.text.flatMap({ TableID($0) }) else {
            let troubles = answers.compactMap { $0.table.failure?.description }
            throw Failure((["no region has a table \(name)"] + troubles).joined(separator: "; "))
        }
        guard known.allSatisfy({ $0["id"] == first["id"] }) else {
            throw Failure("regions have different tables of the name \(name)")
        }
        table = id
        let members = Set(known.flatMap(Self.members))
        func isAsked(_ region: String) -> Bool { only?.contains(region) ?? true }
        let listed = answers.map { region, table -> (String, Part) in
            let part = Self.part(table, isMember: members.contains(region))
            guard isAsked(region) else { return (region, .skipped("not asked for")) }
            // What was asked for by name and cannot be compared leaves the comparison incomplete.
            if only != nil, case .skipped(let why) = part { return (region, .missing(why)) }
            return (region, part)
        }
        let others = members.filter { !regions.names.contains($0) }.sorted()
        parts =
            listed
            + others.map { region in
                (
                    region,
                    isAsked(region) ? .missing("not in the settings") : .skipped("not asked for")
                )
            }
    }

    private static func part(_ table: Result<JSONValue?, Failure>, isMember: Bool) -> Part {
        switch table {
        case .failure(let failure): return .missing(failure.description)
        case .success(nil):
            return isMember ? .missing("it lacks the table") : .skipped("no replica")
        case .success(let table?):
            if let stage = table["resync"]?["stage"]?.text {
                return .skipped("its replica is too far behind and is brought up (\(stage))")
            }
            let phase = table["phase"]?.text ?? "?"
            return phase == "active" ? .compared : .skipped("its replica is \(phase)")
        }
    }

    private static func table(_ name: String, in answer: JSONValue) -> JSONValue? {
        answer["tables"]?.elements.first { $0["name"]?.text == name }
    }

    private static func members(_ table: JSONValue) -> [String] {
        (table["replicas"]?.elements ?? []).compactMap { $0["region"]?.text }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { return failure }
        return nil
    }
}
