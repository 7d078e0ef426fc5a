package import Causality

/// What a region says when it is asked whether another, or itself, can be done without: which fences
/// it knows of, and how far it has come with each of its tables.
package struct FenceReport: Equatable, Sendable {
    /// One table of the region.
    package struct Standing: Equatable, Sendable {
        package enum Replica: String, Sendable {
            /// Its rows are still being copied: it can answer for nothing.
            case copying
            /// Everything through its vector is here.
            case whole
            /// So it is, but the replica is about to go: the table is not to be left to it.
            case leaving
            /// Taken from the region by the others: what it had shipped to nobody is set aside.
            case expelled
        }

        package var id: TableID
        package var name: String
        package var replica: Replica
        /// The regions that have a replica, as this one knows; empty for the system table.
        package var members: [String]
        /// How far it has merged each origin: what waits in quarantine, and what is later than that,
        /// does not count.
        package var seen: VersionVector

        package init(
            id: TableID,
            name: String,
            replica: Replica,
            members: [String],
            seen: VersionVector,
        ) {
            self.id = id
            self.name = name
            self.replica = replica
            self.members = members
            self.seen = seen
        }
    }

    package var region: String
    /// Its own clock, in milliseconds since 1970.
    package var wallMilliseconds: UInt64
    /// Those that stand, of all regions, sorted by region.
    package var fences: [Fence]
    /// Sorted by id, the system table first.
    package var tables: [Standing]
    /// Changes of its own that it had shipped to nobody when it was removed from a table, and that
    /// were not merged since.
    package var unshipped: UInt64

    package init(
        region: String,
        wallMilliseconds: UInt64,
        fences: [Fence],
        tables: [Standing],
        unshipped: UInt64,
    ) {
        self.region = region
        self.wallMilliseconds = wallMilliseconds
        self.fences = fences
        self.tables = tables
        self.unshipped = unshipped
    }

    package func fence(of region: String) -> Fence? {
        fences.first { $0.region == region }
    }

    package func standing(_ id: TableID) -> Standing? {
        tables.first { $0.id == id }
    }
}
