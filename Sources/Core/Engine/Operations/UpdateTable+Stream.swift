import Wire

extension UpdateTableRequest {
    /// Enables or disables the table's stream.
    func updateStream(
        of parts: inout TableParts,
        _ changed: inout [Part],
        _ now: Int64,
    ) throws(ServiceError) {
        guard let streamSpecification else { return }
        let isEnabled = parts.stream?.viewType != nil
        if streamSpecification.isEnabled {
            guard !isEnabled else { throw .streamEnabledAlready(tableName) }
        } else {
            guard isEnabled else { throw .streamDisabledAlready(tableName) }
            guard parts.replicas.count <= 1 else { throw .streamOfGlobalTable }
        }
        parts.setStream(streamSpecification.viewType, now)
        changed.append(.stream)
    }

    /// A global table has a stream in all its regions, with both images.
    ///
    /// See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
    func enableStreamOfGlobalTable(
        _ parts: inout TableParts,
        _ changed: inout [Part],
        _ now: Int64,
        before: TableParts,
    ) throws(ServiceError) {
        let creates = replicaUpdates.contains { if case .create = $0 { true } else { false } }
        guard creates else { return }
        if let view = parts.stream?.viewType {
            // One that was a global table already keeps the stream that it has.
            guard view == .newAndOldImages || before.replicas.count > 1 else {
                throw .streamOfOtherView(tableName)
            }
            return
        }
        parts.setStream(.newAndOldImages, now)
        changed.append(.stream)
    }
}

extension TableParts {
    fileprivate mutating func setStream(_ view: StreamViewType?, _ now: Int64) {
        let before = stream?.sinceMilliseconds ?? 0
        // Disabling names no stream: the setting keeps the time of the last enabling.
        stream = Stream(
            viewType: view,
            sinceMilliseconds: view == nil ? before : max(now, before + 1)
        )
    }
}
