import Causality
import Changes
import Items
import Wire

/// Streams as the writer keeps them: opened and closed with the table's description, a record for
/// each change of an item's state, shards that follow one another, and trimming.
///
/// A record is written where a version takes another's place, in that transaction, whoever made the
/// change: an operation here or a merge. So it holds what this region's items went through, each
/// step once, in order; the losers of conflicts never were a state of the item here and are not in
/// it, and a merge that only joins ancestries changes no state.
extension WriteGroup {
    /// Appends the record of a change; nothing where the item stays what it was.
    func record(
        _ old: Version?,
        by new: Version,
        in table: Table,
        at key: [UInt8],
    ) throws {
        guard let number = table.state.stream?.openNumber, old?.image != new.image,
            let stream = engine.streams[number]
        else { return }
        let isMerged = new.stamp.origin != engine.origin
        if isMerged, engine.settings.plantedBugs.contains(.mergesNotStreamed) { return }
        let event: StreamRecord.Event
        switch (old?.image, new.image) {
        case (nil, _): event = .insert
        case (_, nil): event = .remove
        case (.some, .some): event = .modify
        }
        let view = stream.row.viewType
        let imageBytes =
            (view.showsOld ? old?.sizeBytes ?? 0 : 0) + (view.showsNew ? new.sizeBytes : 0)
        try key.withUnsafeBytes { key in
            try withBytes(view.showsOld ? old?.image : nil) { old in
                try withBytes(view.showsNew ? new.image : nil) { image in
                    let record = StreamEntry.Parts(
                        event: event,
                        isExpiry: new.expired != nil && !isMerged,
                        imageBytes: imageBytes,
                        key: key,
                        old: old,
                        new: image,
                    )
                    try append(record, to: number)
                }
            }
        }
    }

    /// The same for an image over an image, or over nothing, from bytes to bytes.
    func recordPlainly(
        _ old: StoredVersion?,
        by image: UnsafeRawBufferPointer,
        sizeBytes: Int,
        at key: UnsafeRawBufferPointer,
        in number: UInt32,
    ) throws {
        guard let view = engine.streams[number]?.row.viewType else { return }
        let record = StreamEntry.Parts(
            of: image,
            sizeBytes: sizeBytes,
            at: key,
            over: old,
            shownAs: view,
        )
        if let record { try append(record, to: number) }
    }

    private func withBytes(
        _ bytes: [UInt8]?,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) rethrows {
        guard let bytes else { return try body(nil) }
        try bytes.withUnsafeBytes { try body($0) }
    }

    /// Brings a table's stream here to what its description asks for.
    ///
    /// Rows of a copy are no changes: the stream of a new replica begins when the copy is whole.
    func settleStream(of id: TableID) throws {
        guard id != .system, let table = engine.catalog[id: id], table.state.isMerging else {
            return
        }
        let wanted = table.description.stream
        if let open = table.state.stream, let number = open.openNumber {
            let isWanted =
                wanted?.viewType == open.viewType
                && wanted?.sinceMilliseconds == open.sinceMilliseconds
            if isWanted { return }
            try closeStream(number)
            changeState(id) { $0.stream?.openNumber = nil }
        }
        guard let wanted, let view = wanted.viewType else { return }
        try openStream(of: table, view, since: wanted.sinceMilliseconds)
    }

    private func openStream(of table: Table, _ view: StreamViewType, since: Int64) throws {
        let number = try engine.takeNumber(store)
        var created = UInt64(max(0, since))
        var arn = StreamARN(tableName: table.name, label: StreamLabel.text(milliseconds: created))
        // A table that was dropped and made again in one millisecond, or enabled at once in two
        // regions: every stream has a name of its own.
        while try store.stream(arn) != nil {
            created += 1
            arn = StreamARN(tableName: table.name, label: StreamLabel.text(milliseconds: created))
        }
        var stream = LocalStream(
            arn: arn,
            row: StreamRow(
                number: number,
                table: table.id,
                viewType: view,
                schema: table.schema,
                createdMilliseconds: created,
            ),
            next: 1,
        )
        try openShard(of: &stream, after: nil)
        engine.streams[number] = stream
        changeState(table.id) { state in
            state.stream = TableState.Stream(
                openNumber: number,
                label: arn.label,
                viewType: view,
                sinceMilliseconds: since,
            )
        }
    }

    /// Disables a stream: its open shard ends, and what it holds stays readable for the retention.
    func closeStream(_ number: UInt32) throws {
        guard var stream = engine.streams[number], stream.row.closedMilliseconds == nil else {
            return
        }
        try closeShard(of: &stream)
        stream.row.closedMilliseconds = wallMilliseconds
        try store.put(.streams, stream.key, stream.row.encoded())
        engine.streams[number] = stream
    }

    private func openShard(of stream: inout LocalStream, after parent: ShardRow?) throws {
        let created = max(wallMilliseconds, (parent?.createdMilliseconds ?? 0) + 1)
        let shard = ShardRow(
            first: stream.takeSequence(),
            createdMilliseconds: created,
            parentCreatedMilliseconds: parent?.createdMilliseconds,
        )
        stream.shard = shard
        if parent != nil { stream.row.lastShard += 1 }
        try store.put(.streams, stream.key, stream.row.encoded())
        let key = ShardRow.key(stream.row.number, stream.row.lastShard)
        try store.put(.shards, key, shard.encoded())
    }

    @discardableResult
    private func closeShard(of stream: inout LocalStream) throws -> ShardRow? {
        guard var shard = stream.shard else { return nil }
        shard.end = stream.next - 1
        shard.closedMilliseconds = wallMilliseconds
        stream.shard = nil
        let due = wallMilliseconds + engine.settings.streamRetentionMilliseconds
        stream.trimMilliseconds = min(stream.trimMilliseconds, due)
        let key = ShardRow.key(stream.row.number, stream.row.lastShard)
        try store.put(.shards, key, shard.encoded())
        return shard
    }
}

/// Chores.
extension WriteGroup {
    /// Begins new shards where the open ones are old enough, and drops what nobody may read any more.
    func tendStreams(_ left: inout Int) throws {
        // What is trimmed is told by rows.
        try putRecords()
        for number in engine.streams.keys.sorted() {
            guard left > 0, var stream = engine.streams[number] else { return }
            if let shard = stream.shard,
                isPast(shard.createdMilliseconds, by: engine.settings.streamShardMilliseconds)
            {
                left -= 1
                let parent = try closeShard(of: &stream)
                try openShard(of: &stream, after: parent)
            }
            engine.streams[number] = stream
            if wallMilliseconds >= stream.trimMilliseconds { try trim(stream, &left) }
        }
    }

    private func isPast(_ start: UInt64, by milliseconds: UInt64) -> Bool {
        wallMilliseconds > start && wallMilliseconds - start >= milliseconds
    }

    private var streamRetention: UInt64 { engine.settings.streamRetentionMilliseconds }

    private func trim(_ before: LocalStream, _ left: inout Int) throws {
        var stream = before
        let records = try trimRecords(of: &stream, &left)
        var due = records.due
        if let firstLeft = records.firstLeft {
            let shards = try trimShards(of: stream, before: firstLeft, &left)
            due = min(due, shards.due)
            if !shards.remain, stream.row.closedMilliseconds != nil {
                try store.delete(.streams, stream.key)
                engine.streams[stream.row.number] = nil
                return
            }
        }
        stream.trimMilliseconds = due
        engine.streams[stream.row.number] = stream
    }

    /// Deletes records that are too old, oldest first.
    /// - Returns: the first sequence that is left, or nil if there may be more to delete; and when
    ///   there will be something to do.
    private func trimRecords(
        of stream: inout LocalStream,
        _ left: inout Int,
    ) throws -> (firstLeft: UInt64?, due: UInt64) {
        let number = stream.row.number
        var last: UInt64?
        var firstLeft: UInt64? = .max
        var due = wallMilliseconds + streamRetention
        try store.range(
            .records,
            from: Table.rowPrefix(number),
            to: Table.rowPrefix(number + 1),
            reversed: false,
        ) { key, value in
            let row = try StreamSegment.head(key, value)
            guard left > 0, isPast(row.createdMilliseconds, by: streamRetention) else {
                let isOut = left <= 0
                firstLeft = isOut ? nil : row.first
                due = isOut ? wallMilliseconds : row.createdMilliseconds + streamRetention
                return false
            }
            last = row.last
            left -= 1
            return true
        }
        if let last {
            try store.deleteRange(
                .records,
                from: Table.rowPrefix(number),
                to: StreamEntry.key(number, last + 1),
            )
            stream.row.trimmed = last
            try store.put(.streams, stream.key, stream.row.encoded())
        }
        return (firstLeft, due)
    }

    /// Deletes shards that have been closed for long enough and hold nothing any more.
    private func trimShards(
        of stream: LocalStream,
        before firstLeft: UInt64,
        _ left: inout Int,
    ) throws -> (remain: Bool, due: UInt64) {
        let number = stream.row.number
        var gone: [[UInt8]] = []
        var remain = false
        var due = UInt64.max
        try store.range(
            .shards,
            from: Table.rowPrefix(number),
            to: Table.rowPrefix(number + 1),
            reversed: false,
        ) { key, value in
            let shard = try ShardRow(decoding: [UInt8](value))
            guard left > 0, let end = shard.end, end < firstLeft,
                isPast(shard.closedMilliseconds, by: streamRetention)
            else {
                remain = true
                if shard.end != nil { due = shard.closedMilliseconds + streamRetention }
                return false
            }
            gone.append([UInt8](key))
            left -= 1
            return true
        }
        for key in gone { try store.delete(.shards, key) }
        return (remain, due)
    }
}
