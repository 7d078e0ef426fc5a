package import Items

/// Errors about time to live, in the service's words.
extension ServiceError {
    package static let timeToLiveEnabledAlready = validation("TimeToLive is already enabled")

    package static let timeToLiveDisabledAlready = validation("TimeToLive is already disabled")

    package static func timeToLiveOfOtherAttribute(_ current: Text) -> ServiceError {
        validation(
            "TimeToLive is active on a different AttributeName: current AttributeName is "
                + current.string
        )
    }

    package static func timeToLiveNotDescribed(_ status: TableStatus) -> ServiceError {
        validation(
            "Cannot describe time to live while table is in \(status.rawValue) state: Current "
                + "table state is \(status.rawValue)"
        )
    }
}
