/// Transactions of four puts of items in a row, each with a token of its own, as SDKs send them.
struct TransactWorkload: Workload {
    static let actions = 4

    let name = "transact"
    let form: RequestForm
    let table: String
    let items: ItemForm
    let keys: Int
    var choice: Choice
    private var body: [UInt8] = []

    init(_ options: ItemOptions, _ choice: Choice, at endpoint: Endpoint) {
        form = RequestForm("TransactWriteItems", at: endpoint)
        table = options.table
        items = ItemForm(options)
        keys = options.keys
        self.choice = choice
    }

    mutating func next(_ request: inout [UInt8]) -> UInt64 {
        let (number, version) = choice.next()
        body.removeAll(keepingCapacity: true)
        body.append(#"{"ClientRequestToken":""#)
        body.append(decimal: version)
        body.append(#"","TransactItems":["#)
        for action in 0..<Self.actions {
            body.append(action == 0 ? #"{"Put":{"TableName":""# : #",{"Put":{"TableName":""#)
            body.append(contentsOf: table.utf8)
            body.append(#"","Item":"#)
            items.append((number + action) % keys, version: version, to: &body)
            body.append("}}")
        }
        body.append("]}")
        form.write(body, to: &request)
        return UInt64(number)
    }

    func verify(_ answer: Connection.Answer, token: UInt64) -> Bool {
        answer.status == 200 && answer.body.elementsEqual("{}".utf8)
    }
}
