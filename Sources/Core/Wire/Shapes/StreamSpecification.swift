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
