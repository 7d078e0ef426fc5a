import Causality
package import JSON

/// Fences and reports as the peer port writes them and the operator's tool reads them.
extension FenceReport {
    package var json: JSONValue {
        .object([
            .init("region", .string(region)),
            .init("wallMilliseconds", .number(String(wallMilliseconds))),
            .init("fences", .array(fences.map(\.json))),
            .init("tables", .array(tables.map(\.json))),
            .init("unshipped", .number(String(unshipped))),
        ])
    }

    /// Nil for what is no report.
    package init?(_ json: JSONValue) {
        guard case .string(let region) = json["region"],
            let wall = json["wallMilliseconds"]?.unsigned,
            case .array(let fences) = json["fences"], case .array(let tables) = json["tables"],
            let unshipped = json["unshipped"]?.unsigned
        else { return nil }
        let readFences = fences.compactMap(Fence.init)
        let readTables = tables.compactMap(Standing.init)
        guard readFences.count == fences.count, readTables.count == tables.count else { return nil }
        self.init(
            region: region,
            wallMilliseconds: wall,
            fences: readFences,
            tables: readTables,
            unshipped: unshipped,
        )
    }
}

extension FenceReport.Standing {
    fileprivate var json: JSONValue {
        .object([
            .init("id", .string(id.description)),
            .init("name", .string(name)),
            .init("replica", .string(replica.rawValue)),
            .init("members", .array(members.map { .string($0) })),
            .init("seen", seen.json),
        ])
    }

    fileprivate init?(_ json: JSONValue) {
        guard case .string(let id) = json["id"], let id = TableID(id),
            case .string(let name) = json["name"], case .string(let replica) = json["replica"],
            let replica = Replica(rawValue: replica), let members = json["members"]?.texts,
            let seen = json["seen"].flatMap(VersionVector.init(json:))
        else { return nil }
        self.init(id: id, name: name, replica: replica, members: members, seen: seen)
    }
}

extension Fence {
    package var json: JSONValue {
        .object([
            .init("region", .string(region)),
            .init("time", .string(time.description)),
            .init("sinceMilliseconds", .number(String(sinceMilliseconds))),
            .init("through", .string(through.description)),
            .init("lastWrite", lastWrite == .zero ? .null : .string(lastWrite.description)),
            .init("tables", .array(tables.map(\.json))),
        ])
    }

    package init?(_ json: JSONValue) {
        guard case .string(let region) = json["region"],
            let time = json["time"].flatMap(HybridTime.init(json:)),
            let since = json["sinceMilliseconds"]?.unsigned,
            let through = json["through"].flatMap(HybridTime.init(json:)),
            case .array(let tables) = json["tables"]
        else { return nil }
        let read = tables.compactMap(Table.init)
        guard read.count == tables.count else { return nil }
        self.init(
            region: region,
            time: time,
            sinceMilliseconds: since,
            through: through,
            lastWrite: json["lastWrite"].flatMap(HybridTime.init(json:)) ?? .zero,
            tables: read,
        )
    }
}

extension Fence.Table {
    fileprivate var json: JSONValue {
        .object([
            .init("id", .string(id.description)),
            .init("name", .string(name)),
            .init("members", .array(members.map { .string($0) })),
            .init("vector", vector.json),
        ])
    }

    fileprivate init?(_ json: JSONValue) {
        guard case .string(let id) = json["id"], let id = TableID(id),
            case .string(let name) = json["name"], let members = json["members"]?.texts,
            let vector = json["vector"].flatMap(VersionVector.init(json:))
        else { return nil }
        self.init(id: id, name: name, members: members, vector: vector)
    }
}

extension VersionVector {
    /// An object of times by origin.
    package var json: JSONValue {
        .object(entries.map { .init($0.origin.description, .string($0.time.description)) })
    }

    package init?(json: JSONValue) {
        guard case .object(let members) = json else { return nil }
        var entries: [Entry] = []
        for member in members {
            guard let origin = Origin(member.name), let time = HybridTime(json: member.value) else {
                return nil
            }
            entries.append(Entry(origin: origin, time: time))
        }
        self.init(entries)
    }
}

extension HybridTime {
    fileprivate init?(json: JSONValue) {
        guard case .string(let text) = json else { return nil }
        self.init(text)
    }
}

extension JSONValue {
    fileprivate var unsigned: UInt64? {
        guard case .number(let digits) = self else { return nil }
        return UInt64(digits)
    }

    /// Nil for anything but an array of strings.
    fileprivate var texts: [String]? {
        guard case .array(let elements) = self else { return nil }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else { return nil }
            texts.append(text)
        }
        return texts
    }
}
