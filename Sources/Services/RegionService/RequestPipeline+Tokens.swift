import Changes
import Engine
import HTTPServer
import SQLiteStore
import Wire

/// Requests that present a causal token: they are carried out once the region has come so far.
///
/// Writes wait as reads do: a condition then sees what its client has seen, and the new version is made
/// over that, not beside it.
extension RequestPipeline {
    func perform(
        _ request: AnyRequest,
        for asker: Asker,
        after presented: PresentedToken,
    ) throws {
        guard let tables = request.itemTables,
            let gap = try gap(to: presented.token, of: tables, asker)
        else { return try perform(request, for: asker) }
        let bound = waits.bound(presented.waitMilliseconds)
        guard bound > 0 else { throw ServiceError.notCaughtUp("\(gap)") }

        let waiting = CausalWaits.Waiting(token: presented.token, tables: tables) {
            asker.reply.onEventLoop {
                self.resume(request, for: asker, presented.token, tables, waited: bound)
            }
        }
        guard let id = waits.begin(waiting, milliseconds: bound) else {
            throw ServiceError.notCaughtUp("\(gap), and too many requests wait for that")
        }
        let isReached = try self.gap(to: presented.token, of: tables, asker) == nil
        if isReached, waits.withdraw(id) { try perform(request, for: asker) }
    }

    private func resume(
        _ request: AnyRequest,
        for asker: Asker,
        _ token: CausalToken,
        _ tables: [String],
        waited milliseconds: UInt64,
    ) {
        guard !asker.reply.isClosed else { return }
        answering(asker.reply) {
            if let gap = try gap(to: token, of: tables, asker) {
                throw ServiceError.notCaughtUp("\(gap), after up to \(milliseconds) ms")
            }
            try perform(request, for: asker)
        }
    }

    private func gap(
        to token: CausalToken,
        of tables: [String],
        _ asker: Asker,
    ) throws -> Reach.Gap? {
        // The catalog first: it is then never ahead of the snapshot.
        let catalog = catalog.current
        return try readers[asker.loop].read { store in
            try Reach(catalog: catalog, reading: store).gap(to: token, of: tables)
        }
    }
}
