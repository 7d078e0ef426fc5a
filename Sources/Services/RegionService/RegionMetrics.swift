import Causality
import Changes
import Engine
import HTTPServer
import Logging
import Metrics
import SQLiteStore
import Settings

/// `GET /metrics` of the peer port: the region in Prometheus' words.
///
/// Metrics that DynamoDB has too bear its names and dimensions, and its units; the others begin with
/// `meridian_`. What the store counts is read from one snapshot of it.
struct RegionMetrics: Sendable {
    let catalog: PublishedCatalog
    let store: SQLiteStore
    let requests: RequestMetrics
    /// After so long without a batch of a region's own changes the link from it is stalled.
    let silenceMilliseconds: UInt64
    let log: Logger

    func respond(_ reply: ResponseWriter) {
        do {
            reply.respond(
                HTTPResponse(
                    status: 200,
                    headers: [("Content-Type", MetricsPage.contentType)],
                    body: try page().bytes,
                )
            )
        } catch {
            log.error("metrics cannot be read", metadata: ["error": "\(error)"])
            reply.respond(PeerResponse.failure("UNAVAILABLE", "\(error)", status: 503))
        }
    }

    private func page() throws -> MetricsPage {
        let catalog = catalog.current
        var page = MetricsPage()
        page.add(
            "meridian_region_info",
            .gauge,
            "The region that answers, in its present incarnation",
            [
                MetricSample(
                    1,
                    [
                        "region": catalog.region, "origin": catalog.origin.description,
                        "version": ProductVersion.text,
                    ]
                )
            ],
        )
        writeFence(catalog.fence, to: &page, of: catalog.region)
        requests.write(to: &page)
        try store.read { store in
            let links = try IncomingLink.all(in: store, catalog)
            write(links, to: &page, of: catalog.region)
            try writeTables(catalog, store, to: &page)
        }
        return page
    }

    private func writeFence(_ fence: Fence?, to page: inout MetricsPage, of region: String) {
        page.add(
            "meridian_fenced",
            .gauge,
            "1 while an operator's fence keeps writes out of the region, else 0",
            [MetricSample(fence == nil ? 0 : 1, ["region": region])],
        )
        page.add(
            "meridian_fenced_since_seconds",
            .gauge,
            "When the fence was set, in seconds since 1970 by this region's clock",
            fence.map {
                [MetricSample(.number(Double($0.sinceMilliseconds) / 1_000), ["region": region])]
            } ?? [],
        )
    }

    private func write(
        _ links: [IncomingLink],
        to page: inout MetricsPage,
        of region: String,
    ) {
        func samples(_ value: (LinkAccount) -> MetricSample.Value?) -> [MetricSample] {
            links.compactMap { link in
                value(link.account).map {
                    MetricSample($0, ["SourceRegion": link.source, "ReceivingRegion": region])
                }
            }
        }
        page.add(
            "ReplicationLatency",
            .gauge,
            "Milliseconds from the write of a change in its region to its merge here, by the clocks "
                + "of both, of the oldest change that came last",
            samples { $0.latency.count > 0 ? .count($0.latency.lastMilliseconds) : nil },
        )
        page.add(
            "PendingReplicationCount",
            .gauge,
            "Changes that remained at the source behind the last batch",
            samples { .count($0.pending) },
        )
        page.add(
            "meridian_replication_latency_milliseconds_total",
            .counter,
            "ReplicationLatency of all changes added up, since the region began",
            samples { .count($0.latency.sumMilliseconds) },
        )
        page.add(
            "meridian_replication_latency_changes_total",
            .counter,
            "The changes in meridian_replication_latency_milliseconds_total",
            samples { .count($0.latency.count) },
        )
        let now = WallClock.milliseconds()
        page.add(
            "meridian_link_lag_milliseconds",
            .gauge,
            "How long ago at most this region held all that the source had",
            samples { $0.lagMilliseconds(at: now).map { .count($0) } },
        )
        page.add(
            "meridian_link_heartbeat_seconds",
            .gauge,
            "When the source was last heard, in seconds since 1970 by this region's clock",
            samples { account in
                account.heardMilliseconds > 0
                    ? .number(Double(account.heardMilliseconds) / 1_000) : nil
            },
        )
        page.add(
            "meridian_link_received_changes_total",
            .counter,
            "Changes that came from the source, since the region began: the sum of "
                + "meridian_link_changes_total",
            samples { .count($0.tally.received) },
        )
        page.add(
            "meridian_link_changes_total",
            .counter,
            "What became of the changes that came from the source",
            links.flatMap { link in
                link.account.tally.outcomes.map { outcome, count in
                    MetricSample(
                        count,
                        [
                            "SourceRegion": link.source, "ReceivingRegion": region,
                            "outcome": outcome,
                        ]
                    )
                }
            },
        )
        page.add(
            "meridian_link_standing",
            .gauge,
            "1 for what the link is, 0 for what it is not",
            links.flatMap { link in
                let now = link.account.standing(at: now, silenceMax: silenceMilliseconds).name
                return LinkStanding.names.map { name in
                    MetricSample(
                        name == now ? 1 : 0,
                        [
                            "SourceRegion": link.source, "ReceivingRegion": region,
                            "standing": name,
                        ]
                    )
                }
            },
        )
    }

    private func writeConflicts(
        _ catalog: TableCatalog,
        _ store: any StoreReader,
        to page: inout MetricsPage,
    ) throws {
        let tables = try catalog.named.map {
            ($0.name, try ConflictTotals.read(of: $0.number, from: store))
        }
        func add(
            _ name: String,
            _ kind: MetricsPage.Kind,
            _ help: String,
            _ value: (ConflictTotals) -> UInt64,
        ) {
            page.add(
                name,
                kind,
                help,
                tables.map {
                    MetricSample(value($0.1), ["TableName": $0.0])
                }
            )
        }
        add(
            "meridian_conflicts_logged_total",
            .counter,
            "Versions that lost against concurrent ones, as this region logged them",
        ) { $0.logged }
        add(
            "meridian_conflicts_torn_total",
            .counter,
            "Those of them that were written by a transaction",
        ) { $0.torn }
        add(
            "meridian_conflicts_dropped_total",
            .counter,
            "Records that went by age or by size",
        ) { $0.dropped }
        add("meridian_conflicts_held", .gauge, "Records in the log") { $0.held }
        add("meridian_conflicts_held_bytes", .gauge, "Their bytes") { $0.heldBytes }
    }

    private func writeHistory(
        _ catalog: TableCatalog,
        _ store: any StoreReader,
        to page: inout MetricsPage,
    ) throws {
        page.add(
            "meridian_history_bytes",
            .gauge,
            "Bytes of the change history of all regions",
            [MetricSample(try ClockRow.read(from: store)?.historyBytes ?? 0)],
        )
        func add(_ name: String, _ help: String, _ value: (TableState.Resync?) -> UInt64) {
            page.add(
                name,
                .gauge,
                help,
                catalog.named.map { MetricSample(value($0.state.resync), ["TableName": $0.name]) },
            )
        }
        add("meridian_table_resync", "1 for a table that is too far behind, until it is brought up")
        {
            $0 == nil ? 0 : 1
        }
        add(
            "meridian_table_resync_rows_merged",
            "Rows merged by the copy that brings a table up",
        ) { $0?.rowsMerged ?? 0 }
        add(
            "meridian_table_resync_rows_expected",
            "About how many rows that copy has",
        ) { $0?.rowsExpected ?? 0 }
    }

    private func writeTables(
        _ catalog: TableCatalog,
        _ store: any StoreReader,
        to page: inout MetricsPage,
    ) throws {
        try writeConflicts(catalog, store, to: &page)
        try writeHistory(catalog, store, to: &page)
        let quarantine = try QuarantineSummary.read(from: store)
        page.add(
            "meridian_quarantine_changes",
            .gauge,
            "Changes in quarantine",
            [MetricSample(quarantine.changes)],
        )
        let context = ReadContext(catalog: catalog, store: store)
        let tables = try catalog.named.map { ($0.name, try context.counts(of: $0)) }
        page.add(
            "meridian_table_items",
            .gauge,
            "Items of a table",
            tables.map { MetricSample(UInt64(max(0, $0.1.items)), ["TableName": $0.0]) },
        )
        page.add(
            "meridian_table_bytes",
            .gauge,
            "Bytes of a table's items, by the API's rules",
            tables.map { MetricSample(UInt64(max(0, $0.1.bytes)), ["TableName": $0.0]) },
        )
    }
}
