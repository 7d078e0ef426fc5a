package import Items

/// Errors about transactions, in the service's words.
extension ServiceError {
    /// Nothing of the transaction was done; one reason for each of its actions, in their order, with
    /// at least one that is not `none`.
    package static func transactionCancelled(_ reasons: [CancellationReason]) -> ServiceError {
        let codes = reasons.map(\.code).joined(separator: ", ")
        var error = ServiceError(
            "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
                + "[\(codes)]",
        )
        error.cancellationReasons = reasons
        return error
    }

    package static let transactionActionMissing = validation(
        "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
    )

    package static let transactionActionAmbiguous = validation(
        "TransactItems can only contain one of Check, Put, Update or Delete"
    )

    package static let transactionItemTwice = validation(
        "Transaction request cannot include multiple operations on one item"
    )

    package static let transactionTooLarge = validation(
        "Transaction item size has exceeded the 4 MB limit"
    )

    package static let transactionPayloadTooLarge = validation(
        "Transaction payload size cannot exceed \(TransactionLimits.payloadBytesMax) bytes"
    )

    package static let idempotentParameterMismatch = ServiceError(
        "IdempotentParameterMismatchException",
        "DynamoDB rejected the request because you retried a request with a different payload but "
            + "with an idempotent token that was already used.",
    )
}

/// Why one action made its transaction fail, or that it did not.
package struct CancellationReason: Equatable, Sendable {
    package let code: String
    package let message: String?
    /// The item that failed a condition, when the action asked for it.
    package let item: Item?

    private init(_ code: String, _ message: String? = nil, item: Item? = nil) {
        self.code = code
        self.message = message
        self.item = item
    }

    /// The action has no part in the failure.
    package static let none = CancellationReason("None")

    /// The reason that an error of the action by itself becomes within a transaction.
    package init(_ error: ServiceError) {
        switch error.code {
        case "ConditionalCheckFailedException":
            self.init("ConditionalCheckFailed", error.message, item: error.item)
        case "DuplicateItemException":
            self.init("DuplicateItem", error.message)
        case "ResourceNotFoundException":
            self.init("ResourceNotFound", error.message)
        case ServiceError.collectionTooLarge.code:
            self.init("ItemCollectionSizeLimitExceeded", error.message)
        case ServiceError.provisionedThroughputExceeded where error.isThrottling:
            self.init("ProvisionedThroughputExceeded", error.message)
        case _ where error.isThrottling:
            self.init("ThrottlingError", error.message)
        default:
            self.init("ValidationError", error.message)
        }
    }
}
