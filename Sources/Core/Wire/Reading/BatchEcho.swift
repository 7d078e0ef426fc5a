import JSON

/// How messages show what is wrong with a batch.
enum BatchEcho {
    /// More is cut off: a batch may have megabytes.
    private static let textMax = 2048

    /// `RequestItems` as JSON.
    static func json(_ members: [JSONValue.Member]) -> String {
        var writer = JSONWriter()
        writer.value(.object(members))
        return cut(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// The writes to one table, as the service's own language shows them; attributes by name alone.
    static func writes(_ requests: [JSONValue], of table: String) -> String {
        let shown = requests.map(write).joined(separator: ", ")
        return "{\(table)=[\(cut(shown))]}"
    }

    private static func write(_ request: JSONValue) -> String {
        let put = names(request, "PutRequest", "Item").map { "PutRequest(item=\($0))" }
        let delete = names(request, "DeleteRequest", "Key").map { "DeleteRequest(key=\($0))" }
        return "WriteRequest(putRequest=\(put ?? "null"), deleteRequest=\(delete ?? "null"))"
    }

    /// `{NAME=..., ...}`; nil where there is no such request.
    private static func names(_ request: JSONValue, _ kind: String, _ part: String) -> String? {
        guard let item = member(part, of: member(kind, of: request)),
            case .object(let attributes) = item
        else { return nil }
        return "{\(attributes.map { "\($0.name)=..." }.joined(separator: ", "))}"
    }

    private static func member(_ name: String, of value: JSONValue?) -> JSONValue? {
        guard case .object(let members) = value else { return nil }
        return members.last { $0.name == name }?.value
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textMax ? text : text.prefix(textMax) + "..."
    }
}
