package import JSON

/// What a drill measured, and which promises held.
package struct DrillReport: Sendable {
    /// Something that Meridian says of itself, and whether the drill saw it so.
    package struct Promise: Equatable, Sendable {
        package let name: String
        package let isKept: Bool
        package let detail: String

        package init(_ name: String, _ isKept: Bool, _ detail: String) {
            self.name = name
            self.isKept = isKept
            self.detail = detail
        }
    }

    /// What one region served from the fault to its end.
    package struct Regional: Equatable, Sendable {
        package let region: String
        package let during: DrillLedger.Service
        package let total: DrillLedger.Service

        package init(region: String, during: DrillLedger.Service, total: DrillLedger.Service) {
            self.region = region
            self.during = during
            self.total = total
        }
    }

    package var drill: String
    package var region: String
    package var table: String
    /// How long the fault lasted.
    package var faultMilliseconds: UInt64 = 0
    /// Recovery point: writes that the region had acknowledged and no other held at the fault's end
    /// (where it was lost: that nobody ever got), and how far back the first of them lies.
    package var unshippedWrites = 0
    package var recoveryPointMilliseconds: UInt64 = 0
    /// Recovery time: from the fault to the first write that the region's client got acknowledged;
    /// nil if there was none.
    package var recoveryTimeMilliseconds: UInt64?
    /// From the fault's end to the first write that the region itself acknowledged; nil if none.
    package var failbackMilliseconds: UInt64?
    /// From the fault's end until every region held what all had at that moment.
    package var convergenceMilliseconds: UInt64?
    package var conflicts = 0
    package var service: [Regional] = []
    package var promises: [Promise] = []
    /// Further figures of one kind of drill.
    package var figures: [(name: String, value: String)] = []

    package init(drill: String, region: String, table: String) {
        self.drill = drill
        self.region = region
        self.table = table
    }

    package var isKept: Bool { promises.allSatisfy(\.isKept) }

    package var json: JSONValue {
        func number(_ value: UInt64?) -> JSONValue {
            value.map { .number(String($0)) } ?? .null
        }
        return .object([
            .init("drill", .string(drill)),
            .init("region", .string(region)),
            .init("table", .string(table)),
            .init("held", .bool(isKept)),
            .init("faultMilliseconds", number(faultMilliseconds)),
            .init("unshippedWrites", number(UInt64(unshippedWrites))),
            .init("recoveryPointMilliseconds", number(recoveryPointMilliseconds)),
            .init("recoveryTimeMilliseconds", number(recoveryTimeMilliseconds)),
            .init("failbackMilliseconds", number(failbackMilliseconds)),
            .init("convergenceMilliseconds", number(convergenceMilliseconds)),
            .init("conflicts", number(UInt64(conflicts))),
            .init(
                "regions",
                .array(
                    service.map { one in
                        .object([
                            .init("region", .string(one.region)),
                            .init("during", one.during.json),
                            .init("total", one.total.json),
                        ])
                    }
                ),
            ),
            .init("figures", .object(figures.map { .init($0.name, .string($0.value)) })),
            .init(
                "promises",
                .array(
                    promises.map { promise in
                        .object([
                            .init("promise", .string(promise.name)),
                            .init("held", .bool(promise.isKept)),
                            .init("detail", .string(promise.detail)),
                        ])
                    }
                ),
            ),
        ])
    }
}

extension DrillLedger.Service {
    fileprivate var json: JSONValue {
        .object([
            .init("acknowledged", .number(String(acknowledged))),
            .init("refused", .number(String(refused))),
            .init("unanswered", .number(String(unknown))),
            .init("longestGapMilliseconds", .number(String(longestGapMilliseconds))),
        ])
    }
}
