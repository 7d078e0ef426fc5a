package import JSON

/// What the operations on global tables of 2017 answer.
package struct GlobalTableDescription: Equatable, Sendable {
    package var name: String
    package var status: TableStatus
    package var creationMilliseconds: Int64
    package var replicas: [ReplicaDescription]

    package init(
        name: String,
        status: TableStatus,
        creationMilliseconds: Int64,
        replicas: [ReplicaDescription],
    ) {
        self.name = name
        self.status = status
        self.creationMilliseconds = creationMilliseconds
        self.replicas = replicas
    }

    /// Names no region, since the table is in several.
    package var arn: String { "arn:aws:dynamodb::\(TableARN.account):global-table/\(name)" }
}

/// The answer of the operations that describe one global table.
package struct GlobalTableResponse: Sendable {
    package var table: GlobalTableDescription

    package init(table: GlobalTableDescription) {
        self.table = table
    }
}

extension GlobalTableResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("GlobalTableDescription")
        writer.beginObject()
        writer.name("ReplicationGroup")
        writer.beginArray()
        for replica in table.replicas { replica.write(of: table.name, to: &writer) }
        writer.endArray()
        writer.member("GlobalTableArn", table.arn)
        writer.member("CreationDateTime", milliseconds: table.creationMilliseconds)
        writer.member("GlobalTableStatus", table.status.rawValue)
        writer.member("GlobalTableName", table.name)
        writer.endObject()
        writer.endObject()
    }
}
