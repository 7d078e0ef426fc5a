/// Whether an operator evacuates a region in a run, and how that ends.
///
/// Drawn from a stream of chance of its own, so that it moves nothing in runs without one.
struct EvacuationPlan {
    enum Ending: Equatable {
        /// The region is lost for good, disk and all, once it is safe.
        case loss
        /// It catches up, and takes writes again.
        case homecoming
        /// The fence is lifted, whatever it lacks.
        case abort
    }

    let beginsAt: UInt64
    let ending: Ending
    /// Between the word that the region is safe and what becomes of it.
    let pauseMilliseconds: UInt64
    /// How long after the fence was set the region crashes; nil if nothing is made to crash it.
    let crashAfterMilliseconds: UInt64?

    /// Nil in most runs.
    init?(_ random: inout SimulationRandom, durationMilliseconds: UInt64) {
        guard random.chance(400) else { return nil }
        beginsAt = random.milliseconds(300...durationMilliseconds * 2 / 3)
        ending = random.pick([.loss, .loss, .homecoming, .abort])
        pauseMilliseconds = random.milliseconds(1...600)
        crashAfterMilliseconds = random.chance(400) ? random.milliseconds(1...300) : nil
    }
}
