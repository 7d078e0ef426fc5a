extension Keyspace {
    /// The keyspace's place in `allCases`, so that stores can keep one slot per keyspace in an array.
    ///
    /// It never reaches the disk.
    package var ordinal: Int {
        switch self {
        case .meta: 0
        case .items: 1
        case .history: 2
        case .applied: 3
        case .tables: 4
        case .tombstones: 5
        case .conflicts: 6
        case .peers: 7
        case .accounts: 8
        case .tokens: 9
        case .streams: 10
        case .shards: 11
        case .records: 12
        case .expiries: 13
        case .indexes: 14
        case .collections: 15
        case .quarantine: 16
        case .discards: 17
        case .unshipped: 18
        }
    }
}
