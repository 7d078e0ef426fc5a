import Changes
import Foundation
import JSON
import Replication

/// How far a comparison came, in a file, so that a later run goes on there.
///
/// The file names the table by its id, which no other table of any deployment has, and the regions
/// compared.
struct VerifyState {
    var place: Verification.Place
    var findings: [JSONValue]

    private static let form = "meridian-verify-1"

    /// - Returns: nil if there is no file yet.
    /// - Throws: if the file is of another comparison, or of none.
    static func load(_ path: String, _ plan: VerifyPlan) throws -> VerifyState? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("'\(path)' cannot be read")
        }
        guard let json = try? JSONParser.parse([UInt8](data)), json["form"]?.text == form else {
            throw Failure("'\(path)' does not say where a comparison stands")
        }
        guard json["id"]?.text == plan.table.description else {
            let name = json["table"]?.text ?? "?"
            throw Failure("'\(path)' is of another table: \(name) (\(json["id"]?.text ?? "?"))")
        }
        let regions = (json["regions"]?.elements ?? []).compactMap(\.text)
        guard regions == plan.compared else {
            throw Failure("'\(path)' compares other regions: \(regions.joined(separator: ", "))")
        }
        let next: [UInt8]? = json["next"]?.text.flatMap { Hexadecimal.bytes($0) }
        guard next != nil || json["next"] == .null else { throw Failure("'\(path)' is damaged") }
        return VerifyState(
            place: Verification.Place(
                next: next,
                suspects: (json["suspects"]?.elements ?? [])
                    .compactMap { $0.text.flatMap { Hexadecimal.bytes($0) } },
                derived: try derived(json["derived"] ?? .null),
                tally: tally(json["tally"] ?? .null),
            ),
            findings: json["findings"]?.elements ?? [],
        )
    }

    /// Writes the file anew beside itself, then puts it in its place: a crash leaves one or the other.
    func save(_ path: String, _ plan: VerifyPlan) throws {
        let counts = VerifyState.counts.map { name, path in
            JSONValue.Member(name, .number(String(place.tally[keyPath: path])))
        }
        let derived = JSONValue.object(
            (place.derived ?? [:]).sorted { $0.key < $1.key }.map { region, place in
                .init(
                    region,
                    .object([
                        .init("part", .number(String(place.part.rawValue))),
                        .init("from", .string(Hexadecimal.text(place.from))),
                    ]),
                )
            }
        )
        let json = JSONValue.object([
            .init("form", .string(VerifyState.form)),
            .init("table", .string(plan.name)),
            .init("id", .string(plan.table.description)),
            .init("regions", .array(plan.compared.map { .string($0) })),
            .init("next", place.next.map { .string(Hexadecimal.text($0)) } ?? .null),
            .init("suspects", .array(place.suspects.map { .string(Hexadecimal.text($0)) })),
            .init("derived", derived),
            .init("tally", .object(counts)),
            .init("findings", .array(findings)),
        ])
        do {
            try Data(json.bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure("'\(path)' cannot be written: \(error.localizedDescription)")
        }
    }

    /// What is done needs no place to go on from.
    static func remove(_ path: String) {
        // A file that stays says that nothing is left to compare, and is refused by no later run.
        try? FileManager.default.removeItem(atPath: path)
    }

    private static var counts: [(name: String, path: WritableKeyPath<VerifyTally, UInt64>)] {
        [
            ("items", \.items), ("rows", \.rows), ("passing", \.passing),
            ("differences", \.differences), ("quarantined", \.quarantined),
            ("undecided", \.undecided), ("derivedRows", \.derivedRows), ("derived", \.derived),
        ]
    }

    private static func derived(
        _ json: JSONValue
    ) throws -> [String: DerivedRequest.Place] {
        var places: [String: DerivedRequest.Place] = [:]
        for member in json.members {
            guard let number = member.value["part"]?.integer.flatMap({ UInt8(exactly: $0) }),
                let part = DerivedRequest.Part(rawValue: number),
                let from = member.value["from"]?.text.flatMap({ Hexadecimal.bytes($0) })
            else { throw Failure("the file of '\(member.name)' is damaged") }
            places[member.name] = DerivedRequest.Place(part, from: from)
        }
        return places
    }

    private static func tally(_ json: JSONValue) -> VerifyTally {
        var tally = VerifyTally()
        for (name, path) in counts {
            tally[keyPath: path] = json[name]?.integer.map { UInt64(max(0, $0)) } ?? 0
        }
        return tally
    }
}
