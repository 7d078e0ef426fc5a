package import Items
package import JSON

/// A request of the API: made from a body, with everything checked that needs no table.
package protocol OperationRequest: Sendable {
    associatedtype Response: OperationResponse

    static var operation: OperationName { get }

    init(reading fields: Fields) throws(ServiceError)
}

/// The answer to a request, which writes itself as a JSON object.
package protocol OperationResponse: Sendable {
    /// Throws only on damaged stored items.
    func write(to writer: inout JSONWriter) throws(StoredFormError)

    /// About how many bytes the items in the body take: what is reserved for them.
    var itemBytes: Int { get }
}

extension OperationResponse {
    package var itemBytes: Int { 0 }

    /// The body of the HTTP response; `capacity` is reserved for all of it but the items.
    package func body(capacity: Int = 256) throws(StoredFormError) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity + itemBytes)
        try write(to: &writer)
        return writer.bytes
    }
}
