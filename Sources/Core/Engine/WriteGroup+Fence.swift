import Causality
package import Changes
import Items
import Wire

/// A region that is being evacuated: an operator's fence keeps its own writes out.
///
/// **Problem.** A region is to go, for a while or for good, and nothing that it acknowledged may go
/// with it. While it takes writes there is always one more that no other region has. And it may be the
/// only one that still has changes of *another* origin, of a region lost before.
///
/// **Idea.** The fence is a change in the region's own history, made by its writer after all work
/// queued before it: an item of the system table (`FenceItem`), so it is durable with the commit that
/// ends the writes, and replicates. From that commit on every request that would write is refused. The
/// record says the region's whole vectors as of itself, other origins included. Once every other
/// member covers them (`Drain`), the region can be done without.
///
/// **What is fenced** are own changes of applications' data, and requests that change descriptions:
/// all operations of the API that write, expiry, conflicts restored, unshipped changes merged,
/// replicas removed by force. What goes on: merging what comes from peers, also out of quarantine;
/// heartbeats, which tell peers that nothing is missing; reads, streams, feeds; and the records by
/// which the region answers for its own replicas (joined, left, acknowledged), since others wait for
/// them. A transaction that took effect before the fence still says so when it is asked for again.
///
/// **Older files.** A region that is started from a copy of its files from before the fence takes
/// writes until its fence comes back by relay, like anything it had shipped. The region then renews
/// the record, in the same transaction and with vectors that hold what it wrote meanwhile; the fence
/// keeps its name. A fence whose lifting comes back is lifted.
extension WriteGroup {
    /// Keeps writes out from this job on; where a fence stands already, nothing changes.
    package func fence() throws -> Fence {
        try settleDescriptions()
        if let standing = engine.catalog.fence { return standing }
        let fence = try writeFence(after: nil)
        engine.notices.append("an operator fenced this region: it takes no writes from now on")
        return fence
    }

    /// Lets writes in again.
    /// - Returns: the fence that stood; nil if there was none.
    package func liftFence() throws -> Fence? {
        try settleDescriptions()
        guard let fence = engine.catalog.fence else { return nil }
        engine.catalog.fences.removeAll { $0.region == engine.region }
        engine.catalogChanged()
        try writePartItem(FenceItem.key(engine.region), isDelete: true)
        engine.notices.append("an operator lifted this region's fence: it takes writes again")
        return fence
    }

    /// Refuses what applications ask for while a fence stands.
    func checkNotFenced() throws(ServiceError) {
        guard let fence = engine.catalog.fence else { return }
        let since = StreamLabel.text(milliseconds: fence.sinceMilliseconds)
        throw .unavailable(
            "Region \(fence.region) is being evacuated: it takes no writes since \(since)Z. "
                + "Write to another region"
        )
    }

    /// Refuses what an operator asks for while a fence stands.
    func checkNotFencedForOperator() throws(PeerRefusal) {
        guard engine.catalog.fence != nil else { return }
        throw PeerRefusal(
            .fenced,
            "\(engine.region) is being evacuated and takes no writes; ask another region"
        )
    }

    /// Follows what came for the fences' items.
    func settleFences() throws {
        let before = engine.catalog.fence
        engine.catalog.fences = try engine.readFences(in: store)
        engine.catalogChanged()
        // What this group wrote itself is in the catalog already.
        let fence = engine.catalog.fence
        guard fence != before else { return }
        guard let fence else {
            engine.notices.append("the lifting of this region's fence came back from its peers")
            return
        }
        engine.alarms.append(
            "this region was started from files without its fence, which came back from its peers"
        )
        _ = try writeFence(after: fence)
    }

    private func writeFence(after before: Fence?) throws -> Fence {
        let isEarly = engine.settings.plantedBugs.contains(.fenceBeforeQueuedWork)
        let isNarrow = engine.settings.plantedBugs.contains(.fenceOwnOriginOnly)
        let lastWrite = try lastOwnWrite()
        let time = newTime()
        let tables = engine.catalog.all.filter(\.state.isMerging).map { table in
            var vector = engine.applied[table.id]
            if isNarrow {
                vector = VersionVector(vector.entries.filter { $0.origin.region == engine.region })
            }
            // Rows of a copy may show more than the vector says, of an origin that is gone since.
            if let resync = table.state.resync { vector.join(resync.shown) }
            if case .catchingUp(let until) = table.state.phase { vector.join(until) }
            vector.raise(engine.origin, to: isEarly ? engine.own : time)
            let others = table.description.members.filter { $0 != engine.region }
            return Fence.Table(id: table.id, name: table.name, members: others, vector: vector)
        }
        let fence = Fence(
            region: engine.region,
            time: before?.time ?? time,
            sinceMilliseconds: before?.sinceMilliseconds ?? wallMilliseconds,
            through: time,
            lastWrite: lastWrite,
            tables: tables,
        )
        engine.catalog.fences.removeAll { $0.region == engine.region }
        engine.catalog.fences.append(fence)
        engine.catalog.fences.sort { $0.region < $1.region }
        engine.catalogChanged()
        try writePartItem(FenceItem.item(fence), time: time)
        return fence
    }

    /// Segments of an incarnation that are looked at for its last write.
    private static let lastWriteSegmentsMax = 1_000

    /// The time of the last change of applications' data that this region made, as far back as a look
    /// at the end of its history tells; zero if it tells of none.
    private func lastOwnWrite() throws -> HybridTime {
        let pending = lastDataTime
        guard pending == .zero else { return pending }
        let own = [engine.origin] + engine.catalog.closed.reversed().map(\.origin)
        for origin in own {
            let last = try lastDataWrite(of: origin)
            if last > .zero { return last }
        }
        return .zero
    }

    private func lastDataWrite(of origin: Origin) throws -> HybridTime {
        var last = HybridTime.zero
        var left = WriteGroup.lastWriteSegmentsMax
        try store.range(
            .history,
            from: SegmentKey.firstAfter(.zero, of: origin),
            to: SegmentKey.end(of: origin),
            reversed: true,
        ) { key, value in
            left -= 1
            var reader = ByteReader(value)
            let head = try Segment.Head(&reader)
            guard head.tables.contains(where: { $0 != .system }) else { return left > 0 }
            while let framed = try ChangeCoding.next(&reader) {
                if framed.table != .system { last = max(last, framed.time) }
            }
            return false
        }
        return last
    }
}

extension RegionEngine {
    /// Where this region's fence is in the system table.
    package var fenceKey: [UInt8] {
        // The key has all that its schema wants.
        (try? ItemKey(schema: TableParts.systemSchema, key: FenceItem.key(region)).bytes) ?? []
    }

    /// The fences that stand, sorted by region.
    ///
    /// One that cannot be read is of a newer program; its region itself understands it.
    func readFences(in store: any StoreReader) throws -> [Fence] {
        guard let system = catalog[id: .system] else { return [] }
        let prefix = try ItemKey.partitionPrefix(
            schema: system.schema,
            value: .string(Text(FenceItem.partition)),
        )
        var fences: [Fence] = []
        try ReadContext(catalog: catalog, store: store).rows(
            of: system,
            from: prefix,
            to: ItemKey.upperBound(ofPrefix: prefix),
        ) { _, item in
            guard let item else { return true }
            let stored = try Item(decoding: item.image)
            if let fence = try? FenceItem.fence(stored) { fences.append(fence) }
            return true
        }
        return fences.sorted { $0.region < $1.region }
    }
}
