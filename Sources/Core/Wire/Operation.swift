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

    /// Whether it writes nothing but its braces, as most writes are answered.
    var isEmpty: Bool { get }
}

extension OperationResponse {
    package var itemBytes: Int { 0 }

    package var isEmpty: Bool { false }

    /// More than what most answers hold besides items.
    private var envelopeBytes: Int { 128 }

    /// The body of the HTTP response; `least` bytes are reserved for it, or what the items need.
    ///
    /// Of an empty answer it is always the same array: that saves a put 400 instructions.
    package func body(reserving least: Int = 256) throws(StoredFormError) -> [UInt8] {
        if isEmpty { return emptyBody }
        var space: [UInt8] = []
        return try body(taking: &space, reserving: least)
    }

    /// The same in the memory of `space`, which it takes.
    package func body(
        taking space: inout [UInt8],
        reserving least: Int,
    ) throws(StoredFormError) -> [UInt8] {
        var writer = JSONWriter(taking: &space, capacity: max(least, itemBytes + envelopeBytes))
        try write(to: &writer)
        return writer.bytes
    }
}

/// The body of an answer that says nothing.
private let emptyBody = Array("{}".utf8)
