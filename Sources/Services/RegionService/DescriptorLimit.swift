import Glibc

/// How many descriptors the process may have: connections share them with the store, which stops the
/// process where it gets none.
enum DescriptorLimit {
    /// Most connections of peers and tools.
    static let peerConnectionsMax = 256
    /// What connections leave to the store, the listeners and the loops.
    private static let reserved = 128
    private static let connectionsMin = 16

    /// Raises the limit as far as the process may.
    /// - Returns: how many of `wanted` connections to the API there may be.
    static func connections(wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return wanted
        }
        if limit.rlim_cur < limit.rlim_max {
            var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
                limit = raised
            }
        }
        let left = Int(clamping: limit.rlim_cur) - peerConnectionsMax - reserved
        return min(wanted, max(connectionsMin, left))
    }
}
