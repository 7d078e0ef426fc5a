/// Which `Select` goes with which other parameters of a query or scan.
extension Select {
    static func check(
        _ select: Select?,
        hasProjection: Bool,
        hasIndex: Bool,
    ) throws(ServiceError) {
        guard let select else { return }
        switch (select, hasProjection) {
        case (.specificAttributes, false):
            throw .validation(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                    + "SPECIFIC_ATTRIBUTES"
            )
        case (.count, true):
            throw .validation(
                "Cannot specify the ProjectionExpression when choosing to get only the Count"
            )
        case (.allAttributes, true), (.allProjectedAttributes, true):
            throw .validation(
                "Cannot specify the ProjectionExpression when choosing to get \(select.rawValue)"
            )
        case (.allProjectedAttributes, false) where !hasIndex:
            throw .validation(
                "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
            )
        default: return
        }
    }
}
