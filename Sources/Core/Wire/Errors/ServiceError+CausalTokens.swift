extension ServiceError {
    /// A code of Meridian's own, for what the service has no word for: the region lacks some of what
    /// the request's token says its client has seen.
    ///
    /// With status 400, so that SDKs hand it to the client at once instead of trying again for as long
    /// as their retries go: the client knows where else to read, or whether to read what there is.
    package static func notCaughtUp(_ reason: String) -> ServiceError {
        ServiceError("NotCaughtUpException", "This region has not caught up: \(reason)")
    }

    package static func invalidToken(_ reason: String) -> ServiceError {
        .validation("The x-meridian-token is not valid: \(reason)")
    }

    package static func invalidWait(_ text: String) -> ServiceError {
        .validation(
            "The x-meridian-wait-ms is not a number of milliseconds from 0 to 60000: \(text)"
        )
    }
}
