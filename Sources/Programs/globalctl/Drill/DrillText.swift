import Replication

/// A drill's report as people read it.
enum DrillText {
    static func page(_ report: DrillReport) -> String {
        [
            "drill \(report.drill) \(report.region): \(report.isKept ? "held" : "NOT HELD")",
            figures(report), service(report), promises(report),
        ].joined(separator: "\n\n")
    }

    private static func figures(_ report: DrillReport) -> String {
        func time(_ milliseconds: UInt64?) -> String { milliseconds.map { "\($0) ms" } ?? "never" }
        var table = TextTable(["MEASURED", ""])
        table.add(["the fault lasted", time(report.faultMilliseconds)])
        let first = "the first \(report.recoveryPointMilliseconds) ms before"
        table.add([
            "recovery point",
            report.unshippedWrites == 0 ? "0 writes" : "\(report.unshippedWrites) writes, \(first)",
        ])
        table.add(["recovery time", time(report.recoveryTimeMilliseconds)])
        table.add(["failback, after the fault", time(report.failbackMilliseconds)])
        table.add(["convergence, after the fault", time(report.convergenceMilliseconds)])
        table.add(["conflicts on record", String(report.conflicts)])
        for figure in report.figures { table.add([figure.name, figure.value]) }
        return table.text
    }

    private static func service(_ report: DrillReport) -> String {
        var table = TextTable(
            ["REGION", "WRITES", "DURING", "REFUSED", "UNANSWERED", "LONGEST GAP"],
            numeric: [1, 2, 3, 4, 5],
        )
        for one in report.service {
            table.add([
                one.region, String(one.total.acknowledged), String(one.during.acknowledged),
                String(one.total.refused), String(one.total.unknown),
                "\(one.during.longestGapMilliseconds) ms",
            ])
        }
        return table.text
    }

    private static func promises(_ report: DrillReport) -> String {
        var table = TextTable(["PROMISE", "HELD", ""])
        for promise in report.promises {
            table.add([promise.name, promise.isKept ? "yes" : "NO", promise.detail])
        }
        return table.text
    }
}
