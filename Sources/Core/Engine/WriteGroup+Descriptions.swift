import Causality
package import Changes
import Items
import Wire

/// How a region follows the descriptions of tables, and writes them.
///
/// Descriptions come like data: by an operation here, or by a batch from elsewhere. When a group
/// that touched one finishes, the parts are folded and the region reacts: it joins a table that
/// invites it, drains one that it is to leave, drops one it is no longer part of. Reactions are part
/// of the same transaction, so a crash leaves neither half.
extension WriteGroup {
    func settleDescription(of id: TableID) throws {
        // The table of descriptions has none itself, whatever a peer sends.
        guard id != .system else { return }
        let parts = try engine.readParts(of: id, in: store)
        if try followOwnRemoval(of: id, parts) { return }
        guard let parts, let replica = parts.replica(in: engine.region) else {
            guard let table = engine.catalog[id: id] else {
                if parts == nil { try forgetLeft(id) }
                return
            }
            guard let parts, table.state.phase == .active else { return try drop(table) }
            return try leaveProperly(table, parts)
        }
        if let table = engine.catalog[id: id] {
            try forgetClaims(of: table, now: parts)
            engine.catalog.update(id) { $0.description = parts }
            followIndexes(of: table, now: parts)
            engine.catalogChanged()
            try settleStream(of: id)
            try settleExpiry(of: id)
            try acknowledgeRemovals(of: id, parts)
            if replica.status == .deleting { try beginLeaving(table) }
            if replica.status == .creating { try sayAgainThatItServes(id) }
            return
        }
        switch replica.status {
        case .creating, .active, .updating: try beginJoining(id, parts)
        case .deleting: try writePart(.replica(region: engine.region), of: id, nil)
        case .creationFailed: break
        }
    }

    /// Writes all parts of a new table and makes this region its one, active member.
    ///
    /// The definition, which comes first of the parts, is written last. A batch may end between two
    /// parts, and without a definition there is no table: so whoever knows the table knows that this
    /// region is a member. One that another member invites would else join without waiting for this one
    /// (`allMembersKnow`), and count on nothing more to come from here.
    func create(_ id: TableID, _ parts: TableParts) throws {
        for item in parts.items(table: id.description).reversed() { try writePartItem(item) }
        try adopt(id, parts, phase: .active)
    }

    /// Writes one part of a description, or for nil deletes it, with all that goes with it.
    func writePart(_ part: Part, of id: TableID, _ parts: TableParts?) throws {
        if let item = parts?.item(of: part, table: id.description) {
            return try writePartItem(item)
        }
        let key = Item([
            .init("table", .string(Text(id.description))), .init("part", .string(Text(part.text))),
        ])
        // A replica's end is written in any case; other parts leave no mark where they never were.
        if try part.hasEnd || holdsPart(part, of: id) { try writePartItem(key, isDelete: true) }
        for satellite in part.satellites { try writePart(satellite, of: id, nil) }
    }

    private func holdsPart(_ part: Part, of id: TableID) throws -> Bool {
        guard let system = engine.catalog[id: .system], let key = engine.partKey(part, of: id)
        else { return false }
        return try version(of: system, at: key)?.isTombstone == false
    }

    /// Deletes the whole description: the table is gone everywhere.
    func deleteParts(of id: TableID, _ parts: TableParts) throws {
        for item in parts.items(table: id.description) {
            try writePartItem(item, isDelete: true)
        }
    }

    /// Writes an item of the system table, at `time` or else at a time of its own.
    func writePartItem(
        _ item: Item,
        isDelete: Bool = false,
        time: HybridTime? = nil,
    ) throws {
        guard let system = engine.catalog[id: .system] else { return }
        let key = try ItemKey(schema: system.schema, item: item).bytes
        let current = try version(of: system, at: key)
        try write(
            isDelete ? nil : item.encoded(),
            sizeBytes: isDelete ? 0 : item.sizeBytes,
            to: system,
            at: key,
            over: current,
            time: time ?? newTime(),
            ordinal: 0,
        )
    }

    private func beginJoining(_ id: TableID, _ parts: TableParts) throws {
        let own = Part.replica(region: engine.region)
        let other = engine.catalog.table(named: parts.definition.name)
        if let refusal = try refusal(of: parts, where: other) {
            var failed = parts
            guard let place = failed.replicas.firstIndex(where: { $0.region == engine.region })
            else { return }
            failed.replicas[place].status = .creationFailed
            failed.replicas[place].statusDescription = refusal
            return try writePart(own, of: id, failed)
        }
        if let other { try deleteParts(of: other.id, other.description) }
        guard let system = engine.catalog[id: .system],
            let key = engine.partKey(own, of: id),
            let invitation = try version(of: system, at: key)?.stamp
        else { return }
        try adopt(id, parts, phase: .joining(TableState.Copy(invitation: invitation)))
        // Removals under way wait for the word of this member as well.
        noteDescription(of: id)
    }

    /// A replica that serves was invited anew, by a member that did not know that it had joined: one
    /// whose files are an older copy.
    ///
    /// Such an invitation is later by its stamp than this region's word that it serves, and would stand
    /// for ever: only the region itself says so, and it has nothing more to join.
    private func sayAgainThatItServes(_ id: TableID) throws {
        guard let table = engine.catalog[id: id], table.state.phase == .active else { return }
        try activate(table)
    }

    /// Why a table cannot come here, where `other` has its name; nil if it can.
    ///
    /// A global table of 2017 comes in the place of an empty table of its name and key schema
    /// with a stream, which is then deleted; any other comes where there is none.
    private func refusal(of parts: TableParts, where other: Table?) throws -> String? {
        guard parts.globalTableSinceMilliseconds != nil else {
            return other.map { _ in "a table of that name already exists in \(engine.region)" }
        }
        guard let other else { return "there is no table of that name in \(engine.region)" }
        let items = try counts(of: other.number).items
        return other.canMakeWay(for: parts, items: items)
            ? nil
            : "the table of that name in \(engine.region) is not empty, has another key schema, or "
                + "no stream with NEW_AND_OLD_IMAGES"
    }

    private func adopt(_ id: TableID, _ parts: TableParts, phase: TableState.Phase) throws {
        let number = try engine.takeNumber(store)
        var state = TableState(number: number, phase: phase)
        state.began = engine.clock.last
        state.removal = parts.removal(of: engine.region)?.time ?? .zero
        // There are no items yet: the indexes hold all there is.
        state.indexes.follow(parts, phase: .active)
        engine.catalog.set(
            Table(
                id: id,
                number: number,
                name: parts.definition.name,
                schema: parts.definition.schema,
                description: parts,
                state: state,
            )
        )
        changeState(id) { _ in }
        engine.catalogChanged()
        try settleStream(of: id)
        try settleExpiry(of: id)
    }

    /// A region that takes writes is not removed by another's word alone: what it accepted may be
    /// nowhere else, so it says that it leaves, and goes once the others hold everything.
    private func leaveProperly(_ table: Table, _ parts: TableParts) throws {
        guard var own = table.description.replica(in: engine.region) else {
            return try drop(table)
        }
        own.status = .deleting
        var parts = parts
        parts.replicas.append(own)
        try writePart(.replica(region: engine.region), of: table.id, parts)
    }

    private func beginLeaving(_ table: Table) throws {
        switch table.state.phase {
        case .draining, .expelled: return
        case .joining, .catchingUp:
            try writePart(.replica(region: engine.region), of: table.id, nil)
        case .active:
            let since = engine.clock.last
            changeState(table.id) { $0.phase = .draining(since: since) }
        }
    }

    /// A region that left, and may have come back since, holds nothing any more of what it claimed:
    /// neither deletes nor history may go on the strength of it.
    private func forgetClaims(of table: Table, now parts: TableParts) throws {
        for replica in table.description.replicas where replica.status != .creating {
            let status = parts.replica(in: replica.region)?.status
            guard status == nil || status == .creating,
                engine.peers.forget(table.id, of: replica.region)
            else { continue }
            let row = engine.peers.row(of: replica.region)
            try store.put(.peers, Array(replica.region.utf8), row)
        }
    }

    /// Forgets a table; its rows go a few at a time (`purge`).
    func drop(_ table: Table) throws {
        if let stream = table.state.stream?.openNumber { try closeStream(stream) }
        if let expiry = table.state.expiry { try purge(expiry.number) }
        engine.catalog.remove(table.id)
        engine.catalogChanged()
        engine.returning[table.id] = nil
        forgetState(table.id)
        try store.delete(.tables, TableKey.key(table.id))
        let origins = engine.applied[table.id].entries.map(\.origin)
        // Its segments stay, and others' may come to lie across them.
        for origin in origins {
            engine.overlaps.raise(origin, to: engine.applied.greatest(of: origin))
        }
        try engine.storeOverlaps(store)
        engine.applied.remove(table.id)
        for origin in origins {
            try store.put(.applied, AppliedTimes.key(of: origin), engine.applied.row(of: origin))
        }
        try forgetQuarantine(of: table.id)
        engine.peers.forget(table.id)
        for region in engine.peers.regions {
            try store.put(.peers, Array(region.utf8), engine.peers.row(of: region))
        }
        try purge(table.number)
    }

    /// Has all rows of a table, or entries of an expiry, deleted, a few at a time.
    func purge(_ number: UInt32) throws {
        try store.put(.meta, MetaKey.purge(of: number), [])
        engine.purges.append(number)
    }
}

extension RegionEngine {
    /// A number that no table, stream or expiry of this region has had.
    func takeNumber(_ store: any StoreTransaction) throws -> UInt32 {
        let number = identity.nextTableNumber
        precondition(number < .max, "local numbers do not run out")
        identity.nextTableNumber += 1
        try store.put(.meta, MetaKey.identity, identity.encoded())
        return number
    }

    /// Rebuilds the catalog from the system table and the local states.
    func loadCatalog(_ store: any StoreTransaction) throws {
        let stored = try store.get(.tables, TableKey.key(.system)).map(TableState.init(decoding:))
        let state = stored ?? TableState(number: 0, phase: .active)
        if stored == nil { try store.put(.tables, TableKey.key(.system), state.encoded()) }
        let definition = TableParts.Definition(
            name: "system",
            schema: TableParts.systemSchema,
            createdMilliseconds: 0,
        )
        catalog.set(
            Table(
                id: .system,
                number: 0,
                name: definition.name,
                schema: definition.schema,
                description: TableParts(definition: definition, replicas: []),
                state: state,
            )
        )
        var states: [(TableID, TableState)] = []
        try store.range(.tables, from: [], to: nil, reversed: false) { key, value in
            var reader = ByteReader(key)
            states.append((try reader.table(), try TableState(decoding: [UInt8](value))))
            return true
        }
        for (id, state) in states where id != .system {
            guard let parts = try readParts(of: id, in: store) else { continue }
            catalog.set(
                Table(
                    id: id,
                    number: state.number,
                    name: parts.definition.name,
                    schema: parts.definition.schema,
                    description: parts,
                    state: state,
                )
            )
        }
        catalog.trimmed = try MetaKey.readTrimmed(from: store)
        if !settings.plantedBugs.contains(.fenceForgottenAtRestart) {
            catalog.fences = try readFences(in: store)
        }
        try loadPurges(store)
        try loadReturning(store)
    }

    /// The parts of a table's description; nil where it has none, or was deleted.
    package func readParts(of id: TableID, in store: any StoreReader) throws -> TableParts? {
        guard let system = catalog[id: .system] else { return nil }
        let prefix = try ItemKey.partitionPrefix(
            schema: system.schema,
            value: .string(Text(id.description)),
        )
        var items: [Item] = []
        try ReadContext(catalog: catalog, store: store).rows(
            of: system,
            from: prefix,
            to: ItemKey.upperBound(ofPrefix: prefix),
        ) { _, item in
            if let item { items.append(try Item(decoding: item.image)) }
            return true
        }
        return TableParts(items: items)
    }

    func partKey(_ part: Part, of id: TableID) -> [UInt8]? {
        let item = Item([
            .init("table", .string(Text(id.description))), .init("part", .string(Text(part.text))),
        ])
        return try? ItemKey(schema: TableParts.systemSchema, key: item).bytes
    }

    private func loadPurges(_ store: any StoreReader) throws {
        let prefix = MetaKey.purgePrefix
        try store.range(
            .meta,
            from: prefix,
            to: ItemKey.upperBound(ofPrefix: prefix),
            reversed: false,
        ) { key, _ in
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: key[prefix.count...]))
            purges.append(try reader.uint32())
            return true
        }
    }
}
