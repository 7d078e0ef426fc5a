import JSON

/// A replica's leaving, and what would be lost with its region.
struct ReplicaDeparture {
    let table: String
    let region: String
    let regions: Regions

    private var question: JSONValue {
        .object([.init("table", .string(table)), .init("region", .string(region))])
    }

    /// - Throws: for a region that does not answer, with what the others hold of it.
    func check(_ view: ReplicaView) throws {
        guard !view.isReachable(region) else { return }
        let held = regions.names.filter { $0 != region }.compactMap { name -> String? in
            let standing = try? regions.peer(name, "/replica/standing", question)
            let own = standing?["members"]?.elements.first { $0["region"]?.text == name }
            return own?["held"]?.text.map { "\(name) holds its writes through \($0)" }
        }
        throw Failure(
            """
            \(region) does not answer, and what it wrote last may be nowhere else.
            \(held.joined(separator: "\n"))
            Start it, or go on without it: globalctl replica remove \(table) \(region) --force
            """
        )
    }

    /// What is not yet where it must be, in one line.
    var progress: String {
        guard let standing = try? regions.peer(region, "/replica/standing", question) else {
            return "\(region): waits for the others to agree on what they hold of it"
        }
        let missing = (standing["members"]?.elements ?? []).compactMap { member -> String? in
            guard let count = member["missing"]?.integer, count > 0 else { return nil }
            return "\(count) to \(member["region"]?.text ?? "?")"
        }
        return missing.isEmpty
            ? "\(region): all it wrote is shipped"
            : "\(region): unshipped changes: \(missing.joined(separator: ", "))"
    }

    /// Asks the first of the members that is not fenced.
    func force(through members: [String]) throws {
        var refusal = Failure(
            "no other region that can be reached has an active replica of '\(table)'"
        )
        for member in members where member != region {
            do {
                _ = try regions.peer(member, "/replica/remove", question)
                return
            } catch let failure as Failure where failure.isOfFencedRegion {
                refusal = failure
            }
        }
        throw refusal
    }
}
