package import Changes

/// What came of asking one region how far it is.
package enum RegionAnswer: Equatable, Sendable {
    case report(FenceReport)
    /// Why there was no answer.
    case silent(String)

    package var report: FenceReport? {
        guard case .report(let report) = self else { return nil }
        return report
    }
}

/// The answers of one round, by region.
package typealias RegionAnswers = [String: RegionAnswer]
