import Causality
import Changes
import JSON
import Replication

/// Has regions agree on items that differ, by versions that exist; see `RepairPlan`.
struct VerifyRepair {
    /// What became of one item.
    struct Outcome {
        let key: JSONValue
        let keyBytes: String
        /// What was done, one line each.
        var steps: [String] = []
        /// Why it was not, or not wholly, repaired.
        var trouble: String?

        init(of finding: JSONValue, trouble: String? = nil) {
            key = finding["key"] ?? .null
            keyBytes = finding["keyBytes"]?.text ?? ""
            self.trouble = trouble
        }
    }

    let plan: VerifyPlan
    let regions: Regions

    /// Items that are traced at once: their histories are walked together.
    private static let batchMax = 200

    /// Repairs the items of some findings, as the report keeps them.
    func repair(_ findings: [JSONValue]) -> [Outcome] {
        var outcomes: [Outcome] = []
        var rest = findings[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(VerifyRepair.batchMax))
            let tried: [Outcome]
            do {
                tried = try repairTogether(batch)
            } catch {
                tried = batch.map { Outcome(of: $0, trouble: "\(error)") }
            }
            outcomes += tried
            rest = rest.dropFirst(tried.count)
            Terminal.note("\(plan.name): \(outcomes.count) of \(findings.count) repairs tried")
        }
        return outcomes
    }

    /// Has the regions whose counts are wrong count anew.
    ///
    /// - Returns: what was done, or why it was not, one line each.
    func recount(_ findings: [JSONValue]) -> [String] {
        let wrong = findings.filter { $0["subject"]?.text?.hasPrefix("counts") ?? false }
        let names = Set(wrong.compactMap { $0["region"]?.text })
        return plan.compared.filter { names.contains($0) }.map { region in
            do {
                _ = try regions.peer(
                    region,
                    "/recount",
                    .object([.init("table", .string(plan.table.description))]),
                    timeoutMilliseconds: VerifyRun.timeoutMilliseconds,
                )
                return "\(region) counted anew"
            } catch {
                return "\(error)"
            }
        }
    }

    /// - Returns: what became of the first ones, as many as every region had evidence for in one
    ///   answer; at least of one.
    private func repairTogether(_ findings: [JSONValue]) throws -> [Outcome] {
        let keys = findings.map { Hexadecimal.bytes($0["keyBytes"]?.text ?? "") ?? [] }
        let request = TraceRequest(table: plan.table, keys: keys, since: since(findings))
        let replies = try plan.compared.map { region in
            let bytes = try regions.peerBytes(
                region,
                "/trace",
                request.encoded(),
                timeoutMilliseconds: VerifyRun.timeoutMilliseconds,
            )
            do {
                return (region: region, reply: try TraceReply(decoding: bytes))
            } catch {
                throw Failure("\(region): \(error)")
            }
        }
        let answered = replies.map(\.reply.items.count).min() ?? 0
        guard (1...keys.count).contains(answered) else {
            throw Failure("a region answers for other items than it was asked about")
        }
        return zip(findings, keys).prefix(answered).enumerated().map { place, item in
            let witnesses = replies.map { region, reply in
                RepairPlan.Witness(region, reply.items[place], of: reply)
            }
            return repair(item.0, item.1, witnesses)
        }
    }

    /// The least time of what any region shows of any of them.
    private func since(_ findings: [JSONValue]) -> HybridTime {
        let times = findings.flatMap { finding in
            (finding["regions"]?.elements ?? []).compactMap {
                $0["stamp"]?["milliseconds"]?.integer
            }
        }
        return HybridTime(milliseconds: UInt64(max(0, times.min() ?? 0)))
    }

    private func repair(
        _ finding: JSONValue,
        _ key: [UInt8],
        _ witnesses: [RepairPlan.Witness],
    ) -> Outcome {
        var outcome = Outcome(of: finding)
        let orders: [RepairPlan.Order]
        do {
            orders = try RepairPlan(witnesses).orders
        } catch {
            outcome.trouble = error.reason
            return outcome
        }
        for order in orders {
            do {
                let did = try carryOut(order, key)
                if did == "stored" { outcome.steps.append(VerifyRepair.text(order)) }
            } catch {
                outcome.trouble = "\(error)"
            }
        }
        return outcome
    }

    private func carryOut(_ order: RepairPlan.Order, _ key: [UInt8]) throws -> String {
        let request = RepairRequest(
            table: plan.table,
            key: key,
            version: order.version,
            manner: order.manner,
        )
        let bytes = try regions.peerBytes(order.region, "/repair", request.encoded())
        return (try? JSONParser.parse(bytes))?["outcome"]?.text ?? "?"
    }

    private static func text(_ order: RepairPlan.Order) -> String {
        let stamp = (try? Version(decoding: order.version))?.stamp.description ?? "?"
        return switch order.manner {
        case .merge: "\(order.region) merged \(stamp)"
        case .restore: "\(order.region) has \(stamp) again"
        }
    }
}

extension VerifyRepair.Outcome {
    var json: JSONValue {
        .object([
            .init("key", key),
            .init("keyBytes", .string(keyBytes)),
            .init("steps", .array(steps.map { .string($0) })),
            .init("trouble", trouble.map { .string($0) } ?? .null),
        ])
    }

    var text: String {
        let name = key == .null ? "bytes \(keyBytes)" : key.compact
        let head = trouble.map { "NOT REPAIRED \(name): \($0)" } ?? "REPAIRED \(name)"
        return ([head] + steps.map { "    \($0)" }).joined(separator: "\n")
    }
}
