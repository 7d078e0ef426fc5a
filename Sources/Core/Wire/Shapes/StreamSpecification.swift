/// Whether a table has a stream and what its records show.
package struct StreamSpecification: Equatable, Sendable {
    package var isEnabled: Bool
    /// Present if and only if the stream is enabled.
    package var viewType: StreamViewType?

    package init(isEnabled: Bool, viewType: StreamViewType?) {
        self.isEnabled = isEnabled
        self.viewType = viewType
    }
}

/// The rule of the two members together, in the words of each operation.
extension StreamSpecification {
    /// The view of a new table's stream; nil where it has none.
    func viewOfNewTable() throws(ServiceError) -> StreamViewType? {
        switch (isEnabled, viewType) {
        case (true, nil):
            throw .invalidParameters(
                "Table is being created with a stream enabled, UpdateViewType is required"
            )
        case (false, .some):
            throw .invalidParameters(
                "Table is being created with a stream disabled, UpdateViewType should not be "
                    + "specified"
            )
        case (true, .some), (false, nil): return viewType
        }
    }

    /// The same for a table that exists.
    func checkView() throws(ServiceError) {
        switch (isEnabled, viewType) {
        case (true, nil):
            throw .invalidParameters("If stream is being enabled then UpdateViewType is required")
        case (false, .some):
            throw .invalidParameters(
                "If stream is being disabled, then UpdateViewType must not be specified"
            )
        case (true, .some), (false, nil): return
        }
    }
}
