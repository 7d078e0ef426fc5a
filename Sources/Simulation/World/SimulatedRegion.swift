import Causality
import Changes
import Engine

/// One region: the real engine over a store in memory, with the writer's queue, the feeds that wait,
/// and what a crash takes with it.
final class SimulatedRegion {
    struct Parked {
        let request: PeerRequest
        let feed: FeedRequest
        let deadline: UInt64
        let heartbeats: Int
        /// What there was for it when that was looked for last, and was not sent.
        var unsent: ChangeBatch.Header?
    }

    enum Job {
        case operation(WorkOperation)
        case peer(PeerRequest)
        case heard(LinkPosition)
        case heartbeat
        case chores
        case sweep
        /// An operator has all that is in quarantine tried again.
        case retry
        /// An operator has a region's replica removed without its word.
        case remove(TableID, String)
        /// The operator's tool fences the region, or lifts its fence, at a step of an evacuation.
        case fence(step: Int)
        case liftFence(step: Int)
    }

    /// What happens when a commit under way is through.
    struct Pending {
        let isDoomed: Bool
        let answers: [Answer]
        let acknowledged: [WorkOperation]
        let isForFeeds: Bool
        let hasHeartbeat: Bool
        let told: [(event: World.OperatorEvent, step: Int)]
    }

    struct Answer {
        let request: PeerRequest
        let result: PeerResult
    }

    /// What readers see while a commit is under way.
    struct View {
        let store: any StoreReader
        let catalog: TableCatalog
        /// What a planted bug says of the own entry.
        var ownInMemory: HybridTime?
    }

    let index: Int
    let name: String
    var clock = VirtualClock()
    private(set) var store = MemoryStore()
    /// Whether its program is older than the others', and does not understand all they write.
    var isOld = false
    /// Whether it never starts again.
    var isLost = false
    /// Nil while the region is down.
    var engine: RegionEngine?
    /// Counts starts and crashes: what was scheduled for an earlier life is ignored.
    var life = 0
    var jobs: [Job] = []
    var isWriterScheduled = false
    var pending: Pending?
    var view: View?
    /// What readers were given of the present state; nil before the first, and whenever it changes.
    var feed: Feed?
    var parked: [Parked] = []
    /// How often the last transaction changed something.
    var stepsTaken = 0
    var heartbeats = 0

    /// What the region's items must be.
    var model = RegionModel()
    /// What the checkers saw after the last commit.
    var watch = RegionWatch()

    init(index: Int, name: String) {
        self.index = index
        self.name = name
    }

    /// Where its fence stands in the system table.
    var fenceKey: [UInt8] = []

    func wallMilliseconds(at now: UInt64) -> UInt64 {
        clock.wallMilliseconds(at: now)
    }

    /// The process dies: what it had in memory is gone.
    func die() {
        engine = nil
        life += 1
        jobs = []
        isWriterScheduled = false
        pending = nil
        view = nil
        feed = nil
        parked = []
    }

    /// An older copy of the region's files, with what the checkers knew then.
    struct Copy {
        let store: MemoryStore
        let model: RegionModel
        let watch: RegionWatch
    }

    private(set) var copy: Copy?
    /// No start is earlier by the wall clock than what an older copy has lost.
    var wallFloor: UInt64 = 0

    /// Copies the files, as they are between two commits.
    func copyFiles() {
        copy = Copy(store: store.copy(), model: model, watch: watch)
    }

    /// Puts the copy in the place of the files; the process must be down.
    func takeCopy() {
        guard let copy else { return }
        feed = nil
        store = copy.store
        model = copy.model
        watch = copy.watch
        self.copy = nil
    }

    /// What a reader works with now.
    func currentView() -> View? {
        if let view { return view }
        guard let engine else { return nil }
        return View(store: store.snapshot(), catalog: engine.catalog)
    }
}

/// What the checkers remember of a region from one commit to the next.
struct RegionWatch {
    /// Which state of a region's tables it was: as long as it is the same one, so are they.
    struct Catalog: Equatable {
        let life: Int
        let version: UInt64
    }

    /// That at the last commit; nil before the first.
    var catalog: Catalog?
    /// The present incarnation's entry at the last commit.
    var own = HybridTime.zero
    var applied: [TableID: VersionVector] = [:]
    /// What must have been counted of each source region, in the order of `accountNames`.
    var accounts: [String: Tally] = [:]
    /// The local numbers of the tables that were active and showed a prefix of each origin.
    var active: [UInt32] = []
    /// Those of the tables that were too far behind.
    var behind: [UInt32] = []
    var commits = 0
    /// The tables from which the others removed the region, with the end of what they hold of it.
    var expelled: [TableID: VersionVector] = [:]
    /// Whether its store said, after the last commit, that it is fenced.
    var isFenced = false
    /// When each table's state or description changed last, in virtual milliseconds.
    var changed: [TableID: (phase: TableState.Phase, parts: TableParts, at: UInt64)] = [:]

    static func isShowingPrefix(_ table: Table) -> Bool {
        table.state.phase == .active && table.state.resync?.isMerging != true
    }

    func isSettled(_ table: TableID, _ now: UInt64) -> Bool {
        guard let last = changed[table] else { return false }
        return now >= last.at + PrefixChecker.settlingMilliseconds
    }

    mutating func noteChange(of table: Table, _ now: UInt64) {
        if let last = changed[table.id], last.phase == table.state.phase,
            last.parts == table.description
        {
            return
        }
        changed[table.id] = (table.state.phase, table.description, now)
    }
}
