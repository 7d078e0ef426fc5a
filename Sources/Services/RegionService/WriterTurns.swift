/// Which of the writer's threads judges, which syncs, and when one is called.
///
/// Problem: a group of writes is judged and then waits for the disk. A thread that does one after the
/// other leaves the disk idle while it judges, and a processor while it waits.
///
/// Idea: while one thread waits for the disk, another judges what comes, into the next group, which
/// goes to the disk as soon as the one before is there. So there are two roles, and any thread may take
/// one that is free: who has judged a group syncs it, and judges again after that unless another is at it.
///
/// **Invariants.** One thread judges at a time, and one syncs; a group is put into the log by who judges,
/// while nobody syncs. There is no work without a thread that has a role, or that was called.
///
/// A value, changed under the lock of the queue that it goes with.
struct WriterTurns: Sendable {
    static let threads = 2
    /// What takes so long to judge is worth waking a thread for while another waits for the disk: jobs
    /// of applications that take less are judged when that is back.
    ///
    /// With 8 and 16 jobs of 8 µs, a region that puts to 100,000 items lost 3 to 10 %, since a wake takes as
    /// long; with 8 of 21 µs, one that puts to 5,000,000 won a tenth.
    private static let aheadNanosecondsMin = 200_000
    /// As a put to a small table takes.
    private static let nanosecondsPerJobAtFirst = 10_000
    /// How much a job is weighed beside those before it, of which one takes so long.
    private static let weight = 16

    /// What nobody has the role for at present.
    enum Left: Sendable {
        case nothing
        /// Jobs that were taken for a further group.
        case jobs
        /// A group that can take more.
        case open
        /// A group that goes to the disk before anything else is judged.
        case full
    }

    /// What waits in the queue.
    struct Waiting {
        let jobs: Int
        let arePeers: Bool
    }

    /// What a thread that has judged does next.
    enum Step {
        /// Puts the group into the log, and syncs it.
        case sync
        /// Takes more, and judges that.
        case judge
        /// Gives the role back: the disk is busy.
        case leave
    }

    private(set) var isJudging = false
    private(set) var isSyncing = false
    private(set) var left = Left.nothing
    /// Whether the group that was left open takes no further work of peers.
    private var isClosedToPeers = false
    /// How long a job of an application takes to judge, from those of late.
    private var nanosecondsPerJob = nanosecondsPerJobAtFirst
    private var idle = Array(repeating: false, count: WriterTurns.threads)
    private var isCalled = false

    /// Whether there is something to do for a thread without a role.
    private func isWanted(_ waiting: Waiting) -> Bool {
        guard !isJudging else { return false }
        switch left {
        case .full: return !isSyncing
        case .jobs: return true
        case .open where !isSyncing: return true
        case .open: return isWorth(waiting)
        case .nothing: return isSyncing ? isWorth(waiting) : waiting.jobs > 0 || waiting.arePeers
        }
    }

    /// Whether there is enough to be judged while the disk is busy.
    private func isWorth(_ waiting: Waiting) -> Bool {
        waiting.jobs * nanosecondsPerJob >= Self.aheadNanosecondsMin
            || waiting.arePeers && !isClosedToPeers
    }

    /// Takes note of how long jobs of applications took.
    mutating func judged(_ jobs: Int, nanoseconds: Int) {
        guard jobs > 0 else { return }
        let weight = min(jobs, Self.weight)
        nanosecondsPerJob += (nanoseconds / jobs - nanosecondsPerJob) * weight / (2 * Self.weight)
    }

    /// Has a thread that would wait for it judge.
    mutating func begin(_ thread: Int, _ waiting: Waiting) -> Bool {
        isCalled = false
        guard isWanted(waiting) else {
            idle[thread] = true
            return false
        }
        idle[thread] = false
        isJudging = true
        left = .nothing
        return true
    }

    /// The idle thread to be called for what has come, or for what was left.
    mutating func call(_ waiting: Waiting) -> Int? {
        guard !isCalled, isWanted(waiting), let thread = idle.firstIndex(of: true)
        else { return nil }
        isCalled = true
        idle[thread] = false
        return thread
    }

    /// The next step of the thread that judges, when it has judged all that it took, or its group is full.
    mutating func step(isFull: Bool, isClosedToPeers: Bool, _ waiting: Waiting) -> Step {
        guard isSyncing else {
            isSyncing = true
            return .sync
        }
        self.isClosedToPeers = isClosedToPeers
        if !isFull, isWorth(waiting) { return .judge }
        isJudging = false
        left = isFull ? .full : .open
        return .leave
    }

    /// The group is in the log: others may judge.
    mutating func appended(hasJobs: Bool) {
        isJudging = false
        isClosedToPeers = false
        left = hasJobs ? .jobs : .nothing
    }

    /// The group is durable.
    /// - Returns: whether the thread judges on.
    mutating func synced(_ waiting: Waiting) -> Bool {
        isSyncing = false
        guard isWanted(waiting) else { return false }
        isJudging = true
        left = .nothing
        return true
    }

    /// Whether nothing is under way.
    var isAtRest: Bool { !isJudging && !isSyncing && left == .nothing }
}
