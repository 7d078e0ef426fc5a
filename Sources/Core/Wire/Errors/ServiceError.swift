package import Items

/// The caller is wrong: an error of the API, with its code, HTTP status and message.
///
/// Made only by the factories below and turned into bytes in exactly one place
/// (`ErrorResponse`). Messages are the service's own words, since SDK users match on them.
package struct ServiceError: Error, Equatable, Sendable {
    /// The API's shape name, such as `ValidationException`.
    package let code: String
    package let message: String
    package let status: Int
    /// For `ConditionalCheckFailedException` when the caller asked for the old item.
    package var item: Item?
    /// The size in bytes by which a write counts that the item's state refused; else 0.
    ///
    /// At least that of the item that is there. It is never told.
    package var itemBytes = 0
    /// For `TransactionCanceledException`: one for each action, in order; else empty.
    package var cancellationReasons: [CancellationReason] = []
    /// For requests beyond a table's throughput; else empty.
    package var throttlingReasons: [ThrottlingReason] = []

    init(_ code: String, _ message: String, status: Int = 400, item: Item? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.item = item
    }

    package static func validation(_ message: String) -> ServiceError {
        ServiceError("ValidationException", message)
    }

    /// The error as writes of one item tell what is wrong with the request itself: counted, as
    /// violations of constraints are.
    package var counted: ServiceError {
        guard code == "ValidationException", !message.contains("validation error detected: ")
        else { return self }
        return .validation("1 validation error detected: " + message)
    }

    /// Runs `body`, and counts the error that it throws.
    package static func counting<Result>(
        _ body: () throws(ServiceError) -> Result
    ) throws(ServiceError) -> Result {
        do throws(ServiceError) {
            return try body()
        } catch {
            throw error.counted
        }
    }

    package static func serialization(_ message: String) -> ServiceError {
        ServiceError("SerializationException", message)
    }

    /// `itemBytes` is the size of the item that was there, `item` what of it to return.
    package static func conditionFailed(item: Item? = nil, itemBytes: Int = 0) -> ServiceError {
        var error = ServiceError(
            "ConditionalCheckFailedException",
            "The conditional request failed",
            item: item,
        )
        error.itemBytes = itemBytes
        return error
    }

    /// Whether a write was refused for what the item is: it counts as one of `itemBytes`.
    package var isRefusalByItem: Bool {
        code == "ConditionalCheckFailedException" || code == "DuplicateItemException"
    }

    package static func resourceNotFound(_ message: String) -> ServiceError {
        ServiceError("ResourceNotFoundException", message)
    }

    package static let tableNotFound = resourceNotFound("Requested resource not found")

    package static func resourceInUse(_ message: String) -> ServiceError {
        ServiceError("ResourceInUseException", message)
    }

    /// The region takes no such request for now; another does.
    ///
    /// Status 503, as the service has when it is unavailable: SDKs try such a request again, and
    /// clients that know of another region go there.
    /// See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    package static func unavailable(_ message: String) -> ServiceError {
        ServiceError("ServiceUnavailable", message, status: 503)
    }

    package static func internalFailure(_ message: String) -> ServiceError {
        ServiceError("InternalServerError", message, status: 500)
    }
}
