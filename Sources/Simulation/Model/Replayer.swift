import Causality
import Changes
import Engine

/// Moves a region's model, and the ledger, through one durable commit.
struct Replayer {
    let region: SimulatedRegion
    let engine: RegionEngine
    /// The model of a table as it was at the source when it served a chunk, by the chunk's bytes.
    let chunkModels: [[UInt8]: RegionModel.TableModel]
    /// The regions that were started from older copies of their files.
    let putBack: Set<String>

    func replay(_ commit: Commit, _ ledger: inout Ledger) throws -> Replay {
        var replay = Replay()
        var next = 0
        for step in commit.steps {
            var operation: WorkOperation?
            var isSweep = false
            switch step.work {
            case .operation(let done): operation = done
            case .batch(let batch, let reply, let bases):
                try merge(batch, reply, bases, ledger, &replay)
            case .chunk(let chunk, let reply, let bytes, let isMerged, let cut):
                try copy(chunk, reply, chunkModels[bytes], isMerged: isMerged, cut: cut, &replay)
            case .sweep: isSweep = true
            case .retry: retry(ledger, &replay)
            case .chores(let returned): for stretch in returned { merge(stretch, ledger, &replay) }
            case .other: break
            }
            let end = min(step.changesAfter, commit.own.count)
            while next < end {
                write(commit.own[next], operation?.id, isSweep: isSweep, &ledger, &replay)
                next += 1
            }
        }
        for change in commit.own[next...] {
            write(change, nil, isSweep: false, &ledger, &replay)
        }
        matchTables()
        return replay
    }

    private func write(
        _ change: Change,
        _ operation: Int?,
        isSweep: Bool,
        _ ledger: inout Ledger,
        _ replay: inout Replay,
    ) {
        let old = region.model.version(change.table, change.key)
        if let old { replay.overwrites.append(Replay.Overwrite(change: change, old: old.stamp)) }
        var seen = old?.seen ?? VersionVector()
        let stamp = change.version.stamp
        seen.raise(stamp.origin, to: stamp.time)
        // Reactions to descriptions may come with a sweep; they are no deletes of items.
        let expired = isSweep && change.table != .system ? old?.stamp : nil
        ledger.append(
            Ledger.Record(change: change, seen: seen, expired: expired, operation: operation)
        )
        let version = RegionModel.Version(
            stamp: stamp,
            isTombstone: change.version.isTombstone,
            expired: expired,
            floor: change.version.ancestry.floor,
            seen: seen,
        )
        region.model.set(version, change.table, change.key)
        replay.touched.append(Ledger.Item(table: change.table, key: change.key))
    }

    private func merge(
        _ batch: ChangeBatch,
        _ reply: ApplyReply,
        _ bases: [TableID: HybridTime],
        _ ledger: Ledger,
        _ replay: inout Replay,
    ) throws {
        guard reply.outcome != .outOfStep else { return }
        let header = batch.header
        var tally = Tally()
        for change in try ChangeCoding.decodeAll(batch.records, origin: header.origin) {
            let stamp = change.version.stamp
            // A batch is merged whole, or cut before what is too far ahead.
            guard reply.outcome == .applied || tally.received < reply.tally.received else { break }
            guard let record = ledger.record(of: stamp, table: change.table, key: change.key),
                record.change == change
            else {
                throw BrokenInvariant(
                    "Durable",
                    "\(region.name) merged \(stamp), which its origin does not have",
                )
            }
            tally.received += 1
            replay.mergedTime = max(replay.mergedTime, stamp.time)
            let item = Ledger.Item(table: change.table, key: change.key)
            if isSetAside(stamp, item) {
                region.model.setAside(stamp, item.table, item.key)
                replay.touched.append(item)
                tally.quarantined += 1
            } else {
                let floor = record.change.version.ancestry.floor
                let base = bases[item.table]
                merge(version(record), item, floor: floor, base: base, &tally, &replay)
            }
        }
        replay.batches.append(header)
        replay.tallies.append((header.source.region, tally))
    }

    /// Own writes of an earlier membership, which a copy lacked.
    private func merge(_ stretch: Commit.Returned, _ ledger: Ledger, _ replay: inout Replay) {
        let records = ledger.records(
            of: stretch.origin,
            after: stretch.after,
            through: stretch.through,
        )
        var ignored = Tally()
        for record in records
        where record.change.table == stretch.table && !ledger.isWithdrawn(record.change) {
            let item = Ledger.Item(table: stretch.table, key: record.change.key)
            merge(version(record), item, base: stretch.base, &ignored, &replay)
        }
    }

    private func version(_ record: Ledger.Record) -> RegionModel.Version {
        RegionModel.Version(
            stamp: record.change.version.stamp,
            isTombstone: record.change.version.isTombstone,
            expired: record.expired,
            floor: record.change.version.ancestry.floor,
            seen: record.seen,
        )
    }

    /// Whether a change must go into quarantine: behind others of its key, or because the region does
    /// not understand it and what is stored has not seen it.
    private func isSetAside(_ stamp: Stamp, _ item: Ledger.Item) -> Bool {
        if !region.model.quarantine(item.table, item.key).isEmpty { return true }
        guard isUnknown(stamp, item) else { return false }
        guard let stored = region.model.version(item.table, item.key) else { return true }
        return stored.stamp == stamp || !stored.seen.covers(stamp)
    }

    private func isUnknown(_ stamp: Stamp, _ item: Ledger.Item) -> Bool {
        item.table != .system && engine.settings.unknownChanges?.contains(stamp) == true
    }

    /// Of each item what waits is merged in order, until something that cannot be.
    private func retry(_ ledger: Ledger, _ replay: inout Replay) {
        var ignored = Tally()
        // What the chores of the same group dropped has no quarantine, and no log, any more.
        let kept = region.model.tables.filter { engine.catalog[id: $0]?.number == $1.number }
        for table in kept.keys.sorted() {
            let waiting = region.model.tables[table]?.quarantine ?? [:]
            for (key, stamps) in waiting.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                let item = Ledger.Item(table: table, key: key)
                let known = stamps.prefix { !isUnknown($0, item) }
                for stamp in known {
                    guard let record = ledger.record(of: stamp, table: table, key: key) else {
                        continue
                    }
                    merge(version(record), item, &ignored, &replay)
                }
                let left = Array(stamps.dropFirst(known.count))
                region.model.tables[table]?.quarantine[key] = left.isEmpty ? nil : left
                replay.touched.append(item)
            }
        }
    }

    /// `base` is the table's where the change came; the one after the commit, if it is not said.
    private func merge(
        _ version: RegionModel.Version,
        _ item: Ledger.Item,
        floor: HybridTime = .zero,
        base: HybridTime? = nil,
        _ tally: inout Tally,
        _ replay: inout Replay,
    ) {
        replay.touched.append(item)
        let base = base ?? engine.catalog[id: item.table]?.state.base ?? .zero
        let stored = region.model.version(item.table, item.key)
        if stored == nil, isLostWithFiles(version, base: base) {
            tally.stale += 1
            return region.model.setDeleted(version, item.table, item.key)
        }
        merge(version, over: stored, item, floor: floor, base: base, isRow: false, &tally, &replay)
    }

    private func merge(
        _ version: RegionModel.Version,
        over stored: RegionModel.Version?,
        _ item: Ledger.Item,
        floor: HybridTime = .zero,
        base: HybridTime,
        isRow: Bool,
        _ tally: inout Tally,
        _ replay: inout Replay,
    ) {
        switch region.model.merge(version, item.table, item.key, isRow: isRow) {
        case .stale: tally.stale += 1
        case .newer: tally.newer += 1
        case .conflict(_, let loser) where isSetAsideByRemoval(loser, item.table, floor: floor):
            tally.newer += 1
        case .conflict where isForgotten(stored, by: version, base: base):
            tally.newer += 1
            region.model.prefer(version, item.table, item.key)
        case .conflict(let winner, let loser)
        where loser == version.stamp && isLostWithFiles(version, base: base)
            && stored.map { $0.stamp == winner && $0.floor >= loser.time } == true:
            tally.stale += 1
        case .conflict(let winner, let loser):
            tally.conflicts += 1
            replay.conflicts.append(
                Replay.Conflict(table: item.table, key: item.key, winner: winner, loser: loser)
            )
        }
    }

    /// Merges what the source of a copy had, whose base is given: a row, or a delete that it had
    /// forgotten and therefore gave no row for.
    private func merge(
        row: RegionModel.Version,
        _ item: Ledger.Item,
        sourceBase: HybridTime,
        _ replay: inout Replay,
    ) {
        replay.touched.append(item)
        let stored = region.model.version(item.table, item.key)
        if let stored, !stored.seen.covers(row.stamp), !row.seen.covers(stored.stamp),
            isForgotten(row, by: stored, base: sourceBase)
        {
            // No mark of the delete came, but with the end of the copy it counts as seen.
            region.model.tables[item.table]?.unmarked[item.key, default: VersionVector()]
                .join(row.seen)
            return
        }
        var ignored = Tally()
        let base = engine.catalog[id: item.table]?.state.base ?? .zero
        merge(row, over: stored, item, base: base, isRow: true, &ignored, &replay)
    }

    /// Takes over, or merges, what the source's model had where the rows come from, forgotten
    /// tombstones included: a copy brings their effect.
    private func copy(
        _ chunk: SnapshotChunk,
        _ reply: ApplyReply,
        _ source: RegionModel.TableModel?,
        isMerged: Bool,
        cut: [UInt8]?,
        _ replay: inout Replay,
    ) throws {
        guard reply.outcome == .applied else { return }
        guard let source else {
            throw BrokenInvariant("Durable", "\(region.name) copied rows that no region served")
        }
        if chunk.after == nil {
            region.model.tables[chunk.table]?.unmarked = [:]
            if !isMerged { region.model.tables[chunk.table]?.versions = [:] }
        }
        let isLast = chunk.isLast && cut == nil
        let last = cut ?? chunk.rows.last?.key
        let keys = source.versions.keys.filter { key in
            if let after = chunk.after, !after.lexicographicallyPrecedes(key) { return false }
            guard !isLast, let last else { return true }
            return !last.lexicographicallyPrecedes(key)
        }
        for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let version = source.versions[key] else { continue }
            let item = Ledger.Item(table: chunk.table, key: key)
            if isMerged {
                merge(row: version, item, sourceBase: chunk.base, &replay)
            } else {
                region.model.set(version, item.table, item.key)
                replay.touched.append(item)
            }
        }
        guard isLast else { return }
        region.model.joinUnmarked(chunk.table)
        replay.copied.append(chunk.table)
    }

    /// Tables that the region left go from the model, and those that came are empty.
    private func matchTables() {
        for id in region.model.tables.keys {
            guard let number = engine.catalog.number(of: id) else {
                region.model.tables[id] = nil
                continue
            }
            let known = region.model.tables[id]?.number ?? 0
            if known == 0 {
                region.model.tables[id]?.number = number
            } else if known != number {
                region.model.tables[id] = RegionModel.TableModel(number: number)
            }
        }
        guard region.model.tables.count < engine.catalog.all.count else { return }
        for table in engine.catalog.all where region.model.tables[table.id] == nil {
            region.model.tables[table.id] = RegionModel.TableModel(number: table.number)
        }
    }
}
