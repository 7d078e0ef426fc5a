/// Which item a request is about, and a version that no other request of any run has.
struct Choice {
    /// Beside a million times the milliseconds there is room for the requests of one run.
    private var version = wallMilliseconds() * 1_000_000
    private var random: RandomSource
    private let keys: Int
    /// Every item once, in order, instead of at random.
    private let isInOrder: Bool
    private var made = 0

    init(keys: Int, seed: UInt64, isInOrder: Bool = false) {
        self.keys = keys
        self.isInOrder = isInOrder
        random = RandomSource(seed: seed)
    }

    mutating func next() -> (number: Int, version: UInt64) {
        version += 1
        made += 1
        return (isInOrder ? (made - 1) % keys : random.next(below: keys), version)
    }
}

/// Whole items, new or over old ones.
struct PutWorkload: Workload {
    let name: String
    let form: RequestForm
    let table: String
    let items: ItemForm
    var choice: Choice
    private var body: [UInt8] = []

    init(_ options: ItemOptions, _ choice: Choice, at endpoint: Endpoint, name: String = "put") {
        self.name = name
        form = RequestForm("PutItem", at: endpoint)
        table = options.table
        items = ItemForm(options)
        self.choice = choice
    }

    mutating func next(_ request: inout [UInt8]) -> UInt64 {
        let (number, version) = choice.next()
        body.removeAll(keepingCapacity: true)
        body.append(#"{"TableName":""#)
        body.append(contentsOf: table.utf8)
        body.append(#"","Item":"#)
        items.append(number, version: version, to: &body)
        body.append("}")
        form.write(body, to: &request)
        return UInt64(number)
    }

    func verify(_ answer: Connection.Answer, token: UInt64) -> Bool {
        answer.status == 200 && answer.body.elementsEqual("{}".utf8)
    }
}

/// Whole items by their keys.
struct GetWorkload: Workload {
    let name = "get"
    let form: RequestForm
    let table: String
    let items: ItemForm
    var choice: Choice
    private var body: [UInt8] = []

    init(_ options: ItemOptions, _ choice: Choice, at endpoint: Endpoint) {
        form = RequestForm("GetItem", at: endpoint)
        table = options.table
        items = ItemForm(options)
        self.choice = choice
    }

    mutating func next(_ request: inout [UInt8]) -> UInt64 {
        let number = choice.next().number
        body.removeAll(keepingCapacity: true)
        body.append(#"{"TableName":""#)
        body.append(contentsOf: table.utf8)
        body.append(#"","Key":"#)
        items.appendKey(number, to: &body)
        body.append("}")
        form.write(body, to: &request)
        return UInt64(number)
    }

    func verify(_ answer: Connection.Answer, token: UInt64) -> Bool {
        answer.status == 200 && items.verify(answer.body, is: Int(token))
    }
}

/// A counter and a text of an item, under a condition that holds.
struct UpdateWorkload: Workload {
    let name = "update"
    let form: RequestForm
    let table: String
    let items: ItemForm
    var choice: Choice
    private var body: [UInt8] = []

    init(_ options: ItemOptions, _ choice: Choice, at endpoint: Endpoint) {
        form = RequestForm("UpdateItem", at: endpoint)
        table = options.table
        items = ItemForm(options)
        self.choice = choice
    }

    mutating func next(_ request: inout [UInt8]) -> UInt64 {
        let (number, version) = choice.next()
        body.removeAll(keepingCapacity: true)
        body.append(#"{"TableName":""#)
        body.append(contentsOf: table.utf8)
        body.append(#"","Key":"#)
        items.appendKey(number, to: &body)
        body.append(#","UpdateExpression":"SET visits = visits + :one, lastSeen = :seen","#)
        body.append(#""ConditionExpression":"attribute_exists(pk) AND visits >= :zero","#)
        body.append(#""ReturnValues":"UPDATED_NEW","ExpressionAttributeValues":{":one":{"N":"1"},"#)
        body.append(#"":zero":{"N":"0"},":seen":{"S":""#)
        Self.appendSeen(version, to: &body)
        body.append(#""}}}"#)
        form.write(body, to: &request)
        return version
    }

    func verify(_ answer: Connection.Answer, token: UInt64) -> Bool {
        guard answer.status == 200, let seen = JSONScan.string(of: "lastSeen", in: answer.body)
        else {
            return false
        }
        var expected: [UInt8] = []
        Self.appendSeen(token, to: &expected)
        return seen.elementsEqual(expected) && JSONScan.string(of: "visits", in: answer.body) != nil
    }

    private static func appendSeen(_ version: UInt64, to bytes: inout [UInt8]) {
        bytes.append("seen-")
        bytes.append(decimal: version)
    }
}

/// All items of a partition.
struct QueryWorkload: Workload {
    let name = "query"
    let form: RequestForm
    let table: String
    let items: ItemForm
    var choice: Choice
    private var body: [UInt8] = []

    init(_ options: ItemOptions, _ choice: Choice, at endpoint: Endpoint) {
        form = RequestForm("Query", at: endpoint)
        table = options.table
        items = ItemForm(options)
        self.choice = choice
    }

    mutating func next(_ request: inout [UInt8]) -> UInt64 {
        let number = choice.next().number
        body.removeAll(keepingCapacity: true)
        body.append(#"{"TableName":""#)
        body.append(contentsOf: table.utf8)
        body.append(#"","KeyConditionExpression":"pk = :pk AND begins_with(sk, :item)","#)
        body.append(#""ExpressionAttributeValues":{":item":{"S":"item-"},":pk":{"S":""#)
        items.appendPartitionKey(number, to: &body)
        body.append(#""}}}"#)
        form.write(body, to: &request)
        return UInt64(number)
    }

    func verify(_ answer: Connection.Answer, token: UInt64) -> Bool {
        let first = Int(token) / items.perPartition * items.perPartition
        var found = 0
        var isGood = answer.status == 200
        let isWhole = items.forEachNumber(in: answer.body) { number in
            isGood = isGood && number == first + found
            found += 1
        }
        return isGood && isWhole && found == items.perPartition
    }
}
