/// One write of a drill's load, as the client that made it knows it.
package struct DrillWrite: Hashable, Sendable {
    package enum Outcome: String, Equatable, Sendable {
        case acknowledged
        /// It certainly had no effect.
        case refused
        /// No answer: it may have had one.
        case unknown
    }

    /// Names the item.
    package let item: String
    /// What the item holds after it, different for each write; nil for a delete.
    package let value: String?
    /// What the item held before it, as its answer says; nil if it held nothing or nobody knows.
    package let replaced: String?
    /// Whether writers of several regions share the item.
    package let isShared: Bool
    /// The region that its writer prefers.
    package let home: String
    /// The region that was asked.
    package let region: String
    /// By the client's monotonic clock.
    package let startMilliseconds: UInt64
    package let endMilliseconds: UInt64
    package let outcome: Outcome

    package init(
        item: String,
        value: String?,
        replaced: String? = nil,
        isShared: Bool = false,
        home: String,
        region: String,
        startMilliseconds: UInt64,
        endMilliseconds: UInt64,
        outcome: Outcome,
    ) {
        self.item = item
        self.value = value
        self.replaced = replaced
        self.isShared = isShared
        self.home = home
        self.region = region
        self.startMilliseconds = startMilliseconds
        self.endMilliseconds = endMilliseconds
        self.outcome = outcome
    }
}
