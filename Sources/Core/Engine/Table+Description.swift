import Changes
import Items
package import Wire

/// A table as `DescribeTable` and the operations on tables show it.
extension Table {
    package func described(
        in region: String,
        counts: TableCounts,
        indexCounts: [UInt32: TableCounts] = [:],
        status: TableStatus? = nil,
        now: Int64,
    ) -> TableDescription {
        let billing = description.billing
        let isOfOldKind = description.globalTableSinceMilliseconds != nil
        let isGlobal = isOfOldKind || description.replicas.count > 1
        let own = description.replica(in: region)
        var result = TableDescription(
            attributeDefinitions: description.attributeTypes.sorted { $0.name < $1.name },
            tableName: name,
            schema: schema,
            status: status ?? self.status,
            creationMilliseconds: description.definition.createdMilliseconds,
            billingMode: billing.mode,
            lastUpdateToPayPerRequestMilliseconds: billing.payPerRequestSinceMilliseconds,
            throughput: ThroughputDescription(
                description.throughput(in: region),
                billing.changes,
                now: now,
            ),
            sizeBytes: counts.bytes,
            itemCount: counts.items,
            arn: TableARN.text(region: region, tableName: name),
            tableId: id.description,
            isDeletionProtected: own?.settings.isDeletionProtected ?? false,
            tableClass: own?.overrides.tableClass ?? description.tableClass,
            tableClassUpdateMilliseconds: description.tableClassUpdateMilliseconds,
            replicas: isGlobal ? replicaDescriptions(elsewhereThan: region) : [],
            globalTableVersion: isGlobal ? Table.globalTableVersion(isOfOldKind) : nil,
            multiRegionConsistency: isGlobal ? .eventual : nil,
            streamSpecification: description.stream.flatMap { stream in
                stream.viewType.map { StreamSpecification(isEnabled: true, viewType: $0) }
            },
            latestStreamLabel: state.stream?.label,
            latestStreamArn: state.stream.map {
                StreamARN(tableName: name, label: $0.label).text(region: region)
            },
        )
        if description.isEncryptedWithKey {
            result.encryptionKeyARN = KeyARN.text(of: own?.overrides.keyId, region: region)
        }
        result.onDemand = description.onDemand(in: region)
        result.warm = description.warmThroughput
        result.localIndexes = localIndexDescriptions(indexCounts)
        result.globalIndexes = globalIndexDescriptions(indexCounts, in: region, now: now)
        if result.status == .creating {
            for place in result.globalIndexes.indices {
                result.globalIndexes[place].global?.status = .creating
            }
        }
        return result
    }

    /// The version of the API's global tables that a table is one of.
    private static func globalTableVersion(_ isOfOldKind: Bool) -> String {
        isOfOldKind ? "2017.11.29" : "2019.11.21"
    }

    package var status: TableStatus {
        switch state.phase {
        case .joining, .catchingUp: return .creating
        case .draining, .expelled: return .deleting
        case .active: break
        }
        let isChanging =
            description.replicas.contains {
                $0.status == .creating || $0.status == .deleting
            } || state.indexes.isAllocating
        return isChanging ? .updating : .active
    }

    /// The replicas as a region shows them: it does not count itself among them.
    private func replicaDescriptions(elsewhereThan region: String) -> [ReplicaDescription] {
        description.replicas.filter { $0.region != region }.map(replicaDescription)
    }

    func replicaDescription(_ replica: TableParts.Replica) -> ReplicaDescription {
        ReplicaDescription(
            regionName: replica.region,
            status: replica.status,
            statusDescription: replica.statusDescription,
            percentProgress: percentProgress(replica),
            overrides: replica.overrides,
            tableClass: replica.overrides.tableClass ?? description.tableClass,
            warm: description.warmThroughput,
        )
    }

    /// Known only where the copying happens, of the one replica that copies there.
    private func percentProgress(_ replica: TableParts.Replica) -> Int? {
        guard replica.status == .creating, case .joining(let copy) = state.phase,
            copy.rowsExpected > 0
        else { return nil }
        return Int(min(99, copy.rowsCopied * 100 / copy.rowsExpected))
    }
}

extension ThroughputDescription {
    /// Zeros where there is no provisioned capacity.
    init(
        _ throughput: ProvisionedThroughput?,
        _ changes: TableParts.CapacityChanges,
        now: Int64,
    ) {
        self.init(
            readCapacityUnits: throughput?.readCapacityUnits ?? 0,
            writeCapacityUnits: throughput?.writeCapacityUnits ?? 0,
            numberOfDecreasesToday: changes.decreasesToday(now: now),
            lastIncreaseMilliseconds: changes.increasedMilliseconds,
            lastDecreaseMilliseconds: changes.decreasedMilliseconds,
        )
    }
}
