import Causality
import Changes
import JSON
import Replication

/// The calls of an evacuation and of a return.
struct FenceCalls {
    private let region: String
    private let regions: Regions

    init(_ region: String, _ regions: Regions) {
        self.region = region
        self.regions = regions
    }

    func set() throws -> Fence {
        let answer = try regions.peer(region, "/fence", .object([]))
        guard let fence = answer["fence"].flatMap(Fence.init) else {
            throw Failure("\(region) answers something else than its fence")
        }
        return fence
    }

    /// The fence that stood, if one did, and the region's clock.
    func lift() throws -> (fence: Fence?, wallMilliseconds: UInt64) {
        let answer = try regions.peer(region, "/fence/lift", .object([]))
        let wall = answer["wallMilliseconds"]?.integer ?? 0
        return (answer["fence"].flatMap(Fence.init), UInt64(max(0, wall)))
    }

    /// What each region of the settings says.
    func ask() -> RegionAnswers {
        var answers: RegionAnswers = [:]
        for (name, answer) in regions.peers("/fence") {
            switch answer {
            case .failure(let failure): answers[name] = .silent(failure.description)
            case .success(let json):
                answers[name] =
                    FenceReport(json).map { .report($0) }
                    ?? .silent("\(name) answers something else than how far it is")
            }
        }
        return answers
    }

    func abort(_ options: Options) throws {
        let (fence, wall) = try lift()
        let fenced = fence.map { wall - min(wall, $0.sinceMilliseconds) }
        let json = JSONValue.object([
            .init("region", .string(region)),
            .init("lifted", .bool(fence != nil)),
            .init("fencedMilliseconds", fenced.map { .number(String($0)) } ?? .null),
        ])
        options.show(json) {
            guard let fenced else { return "\(region) was not fenced: it takes writes" }
            return "\(region) takes writes again, after \(Self.seconds(fenced)) without"
        }
    }

    static func seconds(_ milliseconds: UInt64) -> String {
        "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    }

    // MARK: What is lacking

    /// One line, with the number of changes where the fenced region can tell it.
    func describe(_ lack: Drain.Lack) -> String {
        guard case .behind(let gaps) = lack.kind, let table = lack.table,
            gaps.contains(where: { $0.origin.region == region }),
            let count = missing(of: table, in: lack.region), count > 0
        else { return lack.text }
        return "\(lack.region) lacks \(count) changes of \(table)"
    }

    private func missing(of table: String, in member: String) -> Int? {
        let question = JSONValue.object([
            .init("table", .string(table)), .init("region", .string(region)),
        ])
        guard let standing = try? regions.peer(region, "/replica/standing", question) else {
            return nil
        }
        let known = standing["members"]?.elements.first { $0["region"]?.text == member }
        return known?["missing"]?.integer
    }
}

extension Drain.Lack {
    var text: String {
        let table = table.map { "table \($0)" } ?? ""
        switch kind {
        case .behind(let gaps):
            let origins = gaps.map { gap in
                let short =
                    gap.required.milliseconds
                    - min(gap.required.milliseconds, gap.held.milliseconds)
                return gap.held == .zero
                    ? "has nothing of \(gap.origin.region)"
                    : "is \(short) ms behind \(gap.origin.region)"
            }
            return "\(region): \(table) \(origins.joined(separator: ", "))"
        case .copying: return "\(region): \(table) is still being copied there"
        case .unaware: return "\(region) does not know \(table) yet"
        case .silent(let reason): return "\(region) does not answer: \(reason)"
        case .nowhereElse: return "\(table) is nowhere else than in \(region)"
        case .expelled:
            return "\(region) was removed from \(table) and sets aside what it shipped to nobody"
        case .unshipped(let count):
            return "\(region) holds \(count) changes that were shipped to nobody: merge them "
                + "elsewhere (globalctl unshipped)"
        }
    }

    var json: JSONValue {
        .object([
            .init("region", .string(region)),
            .init("table", table.map { .string($0) } ?? .null),
            .init("what", .string(text)),
        ])
    }
}
