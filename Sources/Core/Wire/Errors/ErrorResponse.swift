import Items
import JSON

/// The one place where an error becomes bytes.
package struct ErrorResponse: Equatable, Sendable {
    /// The HTTP status.
    package let status: Int
    package let body: [UInt8]

    package init(_ error: ServiceError) {
        status = error.status
        var writer = JSONWriter(capacity: 128 + error.message.utf8.count)
        writer.beginObject()
        writer.name("__type")
        writer.string("\(Self.namespace(of: error.code))#\(error.code)")
        if !error.message.isEmpty {
            writer.name(Self.messageName(of: error))
            writer.string(error.message)
        }
        if let item = error.item {
            writer.name("Item")
            item.write(to: &writer)
        }
        if !error.cancellationReasons.isEmpty {
            writer.name("CancellationReasons")
            writer.beginArray()
            for reason in error.cancellationReasons { reason.write(to: &writer) }
            writer.endArray()
        }
        if !error.throttlingReasons.isEmpty {
            // The one exception spells it so, the other so.
            if error.code == ServiceError.throttlingException {
                writer.name("throttlingReasons")
            } else {
                writer.name("ThrottlingReasons")
            }
            writer.beginArray()
            for reason in error.throttlingReasons { reason.write(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        body = writer.bytes
    }

    /// The Java package of the service's exception, which raw clients match on.
    private static func namespace(of code: String) -> String {
        switch code {
        case "ValidationException": "com.amazon.coral.validate"
        case "ThrottlingException": "com.amazon.coral.availability"
        case "SerializationException", "UnknownOperationException", "AccessDeniedException",
            "MissingAuthenticationTokenException", "IncompleteSignatureException",
            "InvalidSignatureException", "UnrecognizedClientException", "InternalFailure":
            "com.amazon.coral.service"
        default: "com.amazonaws.dynamodb.v20120810"
        }
    }

    /// The framework under the service, its newer exceptions, and a failed condition that shows the item
    /// spell this with a capital.
    private static func messageName(of error: ServiceError) -> StaticString {
        switch error.code {
        case "SerializationException", "TransactionCanceledException",
            "IdempotentParameterMismatchException":
            "Message"
        default: error.item == nil ? "message" : "Message"
        }
    }
}

extension CancellationReason {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("Code", code)
        writer.member("Message", message)
        writer.member("Item", item)
        writer.endObject()
    }
}
