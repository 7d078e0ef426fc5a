package import Wire

extension UpdateTableReplicaAutoScalingRequest {
    package func perform(in context: inout WriteContext) throws -> TableAutoScalingResponse {
        let engine = context.group.engine
        guard let table = engine.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        var answer = table
        guard table.description.billing.mode == .provisioned else {
            throw ServiceError.invalidParameters(
                "Auto scaling is for tables whose BillingMode is PROVISIONED"
            )
        }
        for update in updates { try check(update.target, table.description) }
        try answer.description.scale(updates)
        try context.group.writePart(.scaling, of: table.id, answer.description)
        return answer.autoScaling
    }

    private func check(
        _ target: ScalingTarget,
        _ parts: TableParts,
    ) throws(ServiceError) {
        if let region = target.region, parts.replica(in: region) == nil {
            throw .replicaNotFound(region)
        }
        if let index = target.index, !parts.globalIndexNames.contains(index) {
            throw .indexNotFound(index)
        }
    }
}

extension DescribeTableReplicaAutoScalingRequest {
    package func perform(in context: ReadContext) throws -> TableAutoScalingResponse {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        return table.autoScaling
    }
}

extension ScalingTarget {
    var region: String? {
        switch self {
        case .write, .indexWrite: nil
        case .read(let region), .indexRead(let region, _): region
        }
    }

    var index: String? {
        switch self {
        case .write, .read: nil
        case .indexWrite(let index), .indexRead(_, let index): index
        }
    }
}

extension Table {
    fileprivate var autoScaling: TableAutoScalingResponse {
        let parts = description
        return TableAutoScalingResponse(
            tableName: name,
            status: status,
            replicas: parts.replicas.map { replica in
                TableAutoScalingResponse.Replica(
                    region: replica.region,
                    status: replica.status,
                    read: parts.scaling(.read(region: replica.region)),
                    write: parts.scaling(.write),
                    indexes: parts.globalIndexNames.map { index in
                        TableAutoScalingResponse.Index(
                            name: index,
                            read: parts.scaling(.indexRead(region: replica.region, index: index)),
                            write: parts.scaling(.indexWrite(index: index)),
                        )
                    },
                )
            },
        )
    }
}
