import JSON

/// The calls on the table itself, one at a time on a connection of their own.
struct TableCalls {
    private static let readySeconds = 120

    private let connection: Connection
    private let endpoint: Endpoint
    private let table: String

    init(_ table: String, at endpoint: Endpoint) throws {
        self.table = table
        self.endpoint = endpoint
        connection = try Connection(endpoint)
    }

    /// Makes the table, unless it is there.
    func create() throws {
        let (status, body) = try call(
            "CreateTable",
            """
            {"TableName":"\(table)","BillingMode":"PAY_PER_REQUEST",\
            "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},\
            {"AttributeName":"sk","AttributeType":"S"}],\
            "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},\
            {"AttributeName":"sk","KeyType":"RANGE"}]}
            """,
        )
        guard status == 200 || body.contains("ResourceInUseException") else {
            throw Failure("CreateTable: status \(status), \(body)")
        }
        try waitUntilActive(replicas: [])
    }

    /// Makes the table a global one with these regions too, unless it is.
    func add(replicas: [String]) throws {
        for region in replicas where !(try replicaStates().contains { $0.region == region }) {
            let (status, body) = try call(
                "UpdateTable",
                """
                {"TableName":"\(table)","ReplicaUpdates":[{"Create":{"RegionName":"\(region)"}}]}
                """,
            )
            guard status == 200 else { throw Failure("UpdateTable: status \(status), \(body)") }
            try waitUntilActive(replicas: [region])
        }
        try waitUntilActive(replicas: replicas)
    }

    private func waitUntilActive(replicas: [String]) throws {
        let deadline = now() + nanoseconds(Double(Self.readySeconds))
        while now() < deadline {
            let states = try replicaStates()
            let areReady = replicas.allSatisfy { region in
                states.contains { $0.region == region && $0.status == "ACTIVE" }
            }
            if areReady, try describe()["TableStatus"]?.text == "ACTIVE" { return }
            pause(nanoseconds: 50_000_000)
        }
        throw Failure("\(table) was not ACTIVE after \(Self.readySeconds) s")
    }

    private func replicaStates() throws -> [(region: String, status: String)] {
        guard case .array(let replicas) = try describe()["Replicas"] else { return [] }
        return replicas.map { replica in
            (replica["RegionName"]?.text ?? "", replica["ReplicaStatus"]?.text ?? "ACTIVE")
        }
    }

    private func describe() throws -> JSONValue {
        let (status, body) = try call("DescribeTable", #"{"TableName":"\#(table)"}"#)
        guard status == 200, let answer = try? JSONParser.parse(Array(body.utf8))["Table"] else {
            throw Failure("DescribeTable: status \(status), \(body)")
        }
        return answer
    }

    private func call(_ operation: String, _ body: String) throws -> (status: Int, body: String) {
        var request: [UInt8] = []
        RequestForm(operation, at: endpoint).write(Array(body.utf8), to: &request)
        let answer = try connection.call(request)
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
}

extension JSONValue {
    fileprivate var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}
