package import Causality
import Changes

extension TableState {
    /// A table that is too far behind, and the copy by which it is brought up; see
    /// `WriteGroup+Resync.swift`.
    ///
    /// Three stages: *waiting* for a source (something is needed, nobody copied from yet), *copying*,
    /// and *settling* (nothing is needed any more, but rows may show more than the applied vector
    /// says).
    package struct Resync: Equatable, Sendable {
        /// For each origin, the time from which its history is left: a copy must hold all before.
        ///
        /// Empty once the table holds it.
        package var needed = VersionVector()
        /// Whether a region has said so of its own history; otherwise another may still relay it.
        package var isCertain = false
        /// When it was found that the table is too far behind, by the wall clock.
        package var sinceMilliseconds: UInt64
        /// The region copied from; nil while waiting and settling.
        package var source: String?
        /// The vector `W` of the first chunk's snapshot: what the copy as a whole holds.
        package var vector = VersionVector()
        /// The base of the first chunk's snapshot.
        package var base = HybridTime.zero
        /// The vector of the latest chunk's snapshot: the next one's covers it.
        package var latest = VersionVector()
        /// What rows of any copy, also of one that was given up, may show here.
        package var shown = VersionVector()
        /// The last key that the copy has passed; nil before the first chunk.
        package var after: [UInt8]?
        package var rowsMerged: UInt64 = 0
        package var rowsExpected: UInt64 = 0
        /// When the last chunk came, by the wall clock; zero where the copy has to begin anew.
        package var touchedMilliseconds: UInt64 = 0

        package init(sinceMilliseconds: UInt64) {
            self.sinceMilliseconds = sinceMilliseconds
        }

        /// Whether the table may show more than its applied vector says.
        package var isMerging: Bool { source != nil || !shown.isEmpty }

        package enum Stage: String, Sendable {
            case waiting
            case copying
            case settling
        }

        package var stage: Stage {
            if source != nil { return .copying }
            return needed.isEmpty ? .settling : .waiting
        }

        /// A copy begins at the first key, whatever an earlier one had come to.
        mutating func begin(from source: String, _ vector: VersionVector, base: HybridTime) {
            self.source = source
            after = nil
            self.vector = vector
            self.base = base
            rowsMerged = 0
        }

        /// The copy is over, or not needed any more.
        mutating func end() {
            source = nil
            vector = VersionVector()
            base = .zero
            latest = VersionVector()
            after = nil
        }
    }
}

extension TableState.Resync {
    func append(to writer: inout ByteWriter) {
        writer.vector(needed)
        writer.byte(isCertain ? 1 : 0)
        writer.uint64(sinceMilliseconds)
        writer.text(source ?? "")
        writer.vector(vector)
        writer.time(base)
        writer.vector(latest)
        writer.vector(shown)
        writer.byte(after == nil ? 0 : 1)
        writer.block(after ?? [])
        writer.uint64(rowsMerged)
        writer.uint64(rowsExpected)
        writer.uint64(touchedMilliseconds)
    }

    init(_ reader: inout ByteReader) throws(MalformedBytes) {
        needed = try reader.vector()
        isCertain = try reader.byte() != 0
        sinceMilliseconds = try reader.uint64()
        let source = try reader.text()
        self.source = source.isEmpty ? nil : source
        vector = try reader.vector()
        base = try reader.time()
        latest = try reader.vector()
        shown = try reader.vector()
        let hasStarted = try reader.byte() != 0
        let after = try reader.block()
        self.after = hasStarted ? after : nil
        rowsMerged = try reader.uint64()
        rowsExpected = try reader.uint64()
        touchedMilliseconds = try reader.uint64()
    }
}
