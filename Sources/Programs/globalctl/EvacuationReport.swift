import Causality
import Changes
import JSON
import Replication

/// How an evacuation ended, with the proof or with what is lacking.
struct EvacuationReport {
    private let machine: Evacuation
    private let outcome: Evacuation.Outcome
    private let without: [String]
    private let withoutTables: [String]

    /// Rows of the proof that the text shows.
    private static let proofRowsMax = 60

    init(
        _ machine: Evacuation,
        _ outcome: Evacuation.Outcome,
        _ without: [String],
        _ withoutTables: [String],
    ) {
        self.machine = machine
        self.outcome = outcome
        self.without = without
        self.withoutTables = withoutTables
    }

    /// Why the region is not safe to take away; nil if it is.
    var complaint: String? {
        let region = machine.region
        let fence = "its fence stands: globalctl evacuate \(region) goes on, --abort lifts it"
        switch outcome {
        case .safe: return nil
        case .late: return "\(region) is not safe to take away; \(fence)"
        case .lifted: return "the fence of \(region) was lifted meanwhile"
        case .unfenced(let reason): return "\(region) is not fenced: \(reason)"
        }
    }

    private var drain: Drain? {
        switch outcome {
        case .safe(let drain), .late(let drain): drain
        case .lifted, .unfenced: nil
        }
    }

    private var name: String {
        switch outcome {
        case .safe: "safe"
        case .late: "late"
        case .lifted: "lifted"
        case .unfenced: "unfenced"
        }
    }

    var json: JSONValue {
        let proofs = (drain?.proofs ?? []).map { proof in
            JSONValue.object([
                .init("table", .string(proof.table)),
                .init("region", .string(proof.region)),
                .init("required", proof.required.json),
                .init("held", proof.held.json),
            ])
        }
        let fenced = machine.fence.map { _ in
            JSONValue.number(String(machine.fencedMilliseconds))
        }
        return .object([
            .init("region", .string(machine.region)),
            .init("outcome", .string(name)),
            .init("safe", .bool(complaint == nil)),
            .init("fence", machine.fence?.json ?? .null),
            .init("fencedMilliseconds", fenced ?? .null),
            .init("without", .array(without.map { .string($0) })),
            .init("withoutTables", .array(withoutTables.map { .string($0) })),
            .init("proof", .array(proofs)),
            .init("lacks", .array((drain?.lacks ?? []).map(\.json))),
        ])
    }

    var text: String {
        guard let drain, let fence = machine.fence else { return complaint ?? "" }
        var parts = [proofText(drain), fenceText(fence)]
        if drain.isDone {
            parts.append("\(machine.region) is safe to take away." + caveats)
        } else {
            parts.append("Lacking:\n" + drain.lacks.map { "  \($0.text)" }.joined(separator: "\n"))
        }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func fenceText(_ fence: Fence) -> String {
        let last = Int(fence.lastWrite.milliseconds)
        var table = TextTable(["FENCE OF", "SINCE", "WITHOUT WRITES", "LAST WRITE"])
        table.add([
            fence.region, Timestamp.text(Int(fence.sinceMilliseconds)),
            FenceCalls.seconds(machine.fencedMilliseconds),
            fence.lastWrite == .zero ? "-" : Timestamp.text(last),
        ])
        return table.text
    }

    private func proofText(_ drain: Drain) -> String {
        var table = TextTable(["TABLE", "REGION", "HAS OF", "NEEDED", "HELD"])
        var rows = 0
        for proof in drain.proofs where rows < Self.proofRowsMax {
            var first = [proof.table, proof.region]
            for entry in proof.required.entries {
                let held = proof.held[entry.origin]
                // A later incarnation in its vector answers for one that it has no entry of.
                let shown = held == .zero ? "(all)" : held.description
                table.add(first + [entry.origin.description, entry.time.description, shown])
                first = ["", ""]
                rows += 1
            }
        }
        if rows >= Self.proofRowsMax { table.add(["...", "", "--output json shows all"]) }
        return table.isEmpty ? "" : table.text
    }

    private var caveats: String {
        var caveats = ""
        if !without.isEmpty {
            caveats +=
                "\nNot asked: \(without.joined(separator: ", ")). What is missing there comes from "
                + "the other regions, which have it all."
        }
        if !withoutTables.isEmpty {
            caveats += "\nGiven up: tables \(withoutTables.joined(separator: ", "))."
        }
        return caveats
    }
}
