/// Which `Select` goes with which other parameters of a query or scan.
extension Select {
    /// `projectedBy` names the parameter that says which attributes to get, if there is one;
    /// `prefix` is what the operation puts before these messages.
    static func check(
        _ select: Select?,
        projectedBy parameter: String?,
        hasIndex: Bool,
        prefix: String = "",
    ) throws(ServiceError) {
        guard let select else { return }
        switch (select, parameter) {
        case (.specificAttributes, nil):
            throw .validation(
                prefix + "Must specify the AttributesToGet or ProjectionExpression when choosing "
                    + "to get SPECIFIC_ATTRIBUTES"
            )
        case (.count, let parameter?):
            throw .validation(
                prefix + "Cannot specify the \(parameter) when choosing to get only the Count"
            )
        case (.allAttributes, let parameter?), (.allProjectedAttributes, let parameter?):
            throw .validation(
                prefix + "Cannot specify the \(parameter) when choosing to get \(select.rawValue)"
            )
        case (.allProjectedAttributes, nil) where !hasIndex:
            throw .validation(
                prefix + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an "
                    + "IndexName"
            )
        default: return
        }
    }
}
