/// The bounds one link works within.
package struct LinkSettings: Equatable, Sendable {
    /// The most bytes of changes asked for at once.
    package var batchBytesMax: Int
    /// The most bytes of rows asked for at once.
    ///
    /// Small: a chunk is one transaction at the target, and its other writes wait for it.
    package var chunkBytesMax: Int
    /// The most batches fetched and not yet applied, the one being applied included.
    package var inFlightMax: Int
    /// No further batch is fetched while as many bytes wait to be applied.
    package var inFlightBytesMax: Int
    /// How long the source may hold a question for changes when there are none.
    ///
    /// Also bounds how late a link learns that its target wants to copy a table, where no heartbeat
    /// of the source's is carried sooner.
    package var pollMilliseconds: UInt64
    package var backoffMinMilliseconds: UInt64
    package var backoffMaxMilliseconds: UInt64
    /// After so long without a heartbeat of the source's, or with something to ship and nothing
    /// applied, the link is stalled.
    package var stalledAfterMilliseconds: UInt64

    package init(
        batchBytesMax: Int = 4 << 20,
        chunkBytesMax: Int = 1 << 20,
        inFlightMax: Int = 4,
        inFlightBytesMax: Int = 16 << 20,
        pollMilliseconds: UInt64 = 1_000,
        backoffMinMilliseconds: UInt64 = 100,
        backoffMaxMilliseconds: UInt64 = 5_000,
        stalledAfterMilliseconds: UInt64 = 5_000,
    ) {
        self.batchBytesMax = max(1, batchBytesMax)
        self.chunkBytesMax = max(1, chunkBytesMax)
        self.inFlightMax = max(1, inFlightMax)
        self.inFlightBytesMax = max(1, inFlightBytesMax)
        self.pollMilliseconds = max(1, pollMilliseconds)
        self.backoffMinMilliseconds = max(1, backoffMinMilliseconds)
        self.backoffMaxMilliseconds = max(self.backoffMinMilliseconds, backoffMaxMilliseconds)
        self.stalledAfterMilliseconds = max(1, stalledAfterMilliseconds)
    }
}
