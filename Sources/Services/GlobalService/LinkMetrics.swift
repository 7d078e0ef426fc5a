import Changes
import Metrics
import Replication

/// `GET /metrics` of the control port: a daemon's links in Prometheus' words.
///
/// Metrics that DynamoDB has too bear its names; the others begin with `meridian_`. Counters begin
/// with the daemon: the regions' own (`GET /metrics` of their peer ports) last longer.
enum LinkMetrics {
    static func page(_ links: [LinkStatus]) -> MetricsPage {
        var page = MetricsPage()
        func add(
            _ name: String,
            _ kind: MetricsPage.Kind,
            _ help: String,
            _ value: (LinkStatus) -> UInt64?,
        ) {
            let samples = links.compactMap { link in
                value(link).map {
                    MetricSample($0, ["SourceRegion": link.source, "ReceivingRegion": link.target])
                }
            }
            page.add(name, kind, help, samples)
        }
        add(
            "ReplicationLatency",
            .gauge,
            "How many milliseconds ago the target held all that the source had, by the source's "
                + "clock",
        ) { $0.lagMilliseconds }
        add(
            "PendingReplicationCount",
            .gauge,
            "Changes known to be left for the target",
        ) { $0.lagChanges }
        add("meridian_link_fetched_batches_total", .counter, "Batches fetched") {
            $0.fetchedBatches
        }
        add(
            "meridian_link_fetched_changes_total",
            .counter,
            "Changes fetched: the sum of meridian_link_changes_total, "
                + "meridian_link_waiting_changes and meridian_link_given_up_changes_total",
        ) { $0.fetchedChanges }
        page.add(
            "meridian_link_changes_total",
            .counter,
            "What became of the changes that the target took",
            links.flatMap { link in
                link.tally.outcomes.map { outcome, count in
                    MetricSample(
                        count,
                        [
                            "SourceRegion": link.source, "ReceivingRegion": link.target,
                            "outcome": outcome,
                        ]
                    )
                }
            },
        )
        add("meridian_link_waiting_changes", .gauge, "Changes fetched and not yet applied") {
            $0.waitingChanges
        }
        add(
            "meridian_link_given_up_changes_total",
            .counter,
            "Changes fetched and dropped, or sent to a target that did not answer",
        ) { $0.givenUpChanges }
        add("meridian_link_applied_chunks_total", .counter, "Pieces of tables copied") {
            $0.appliedChunks
        }
        add("meridian_link_restarts_total", .counter, "How often all work was given up") {
            $0.restarts
        }
        add(
            "meridian_link_heartbeat_age_milliseconds",
            .gauge,
            "How long ago the target took a batch of the source's own, empty or not",
        ) { $0.sinceHeartbeatMilliseconds }
        page.add(
            "meridian_link_standing",
            .gauge,
            "1 for what the link is, 0 for what it is not",
            links.flatMap { link in
                LinkStanding.names.map { name in
                    MetricSample(
                        name == link.standing.name ? 1 : 0,
                        [
                            "SourceRegion": link.source, "ReceivingRegion": link.target,
                            "standing": name,
                        ]
                    )
                }
            },
        )
        return page
    }
}
