import Synchronization

/// What the writer and the checkpoint thread tell each other about the WAL.
final class WriteAheadLog: Sendable {
    /// A safety only: the length in pages from which the writer writes pages back unasked.
    private static let framesMax = 65_536
    /// How much the WAL grows between two such attempts, which a held snapshot makes vain.
    private static let framesBetween = 8_192

    private let length = Atomic<Int>(0)
    private let isFinishWanted = Atomic<Bool>(false)
    private let framesAtNextAttempt = Atomic<Int>(WriteAheadLog.framesMax)

    /// Pages in the WAL after the last commit.
    var frames: Int { length.load(ordering: .relaxed) }

    /// Asks the writer to write the last pages back after its next commit.
    func askToFinish() {
        isFinishWanted.store(true, ordering: .relaxed)
    }

    /// Called by the writer after each commit; true where it is to write pages back now.
    func committed(frames: Int) -> Bool {
        length.store(frames, ordering: .relaxed)
        if frames < Self.framesMax {
            framesAtNextAttempt.store(Self.framesMax, ordering: .relaxed)
        } else if frames >= framesAtNextAttempt.load(ordering: .relaxed) {
            framesAtNextAttempt.store(frames + Self.framesBetween, ordering: .relaxed)
            return true
        }
        return isFinishWanted.exchange(false, ordering: .relaxed)
    }
}
