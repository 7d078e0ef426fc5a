package import JSON

/// A tally in the words of the link's accounting: fetched = applied + stale + conflicts +
/// quarantined.
extension Tally {
    /// What may become of a change, and how many it became of.
    package var outcomes: [(name: String, count: UInt64)] {
        [
            ("applied", newer), ("stale", stale), ("conflicts", conflicts),
            ("quarantined", quarantined),
        ]
    }

    /// The counts as JSON.
    ///
    /// `more` is what a link adds that knows of changes on their way; `fetched` counts these too.
    package func accounting(_ more: [(name: String, count: UInt64)] = []) -> JSONValue {
        let parts = outcomes + more
        let fetched = more.reduce(received) { $0 &+ $1.count }
        return .object(
            [.init("fetched", .number(String(fetched)))]
                + parts.map { .init($0.name, .number(String($0.count))) }
        )
    }
}
