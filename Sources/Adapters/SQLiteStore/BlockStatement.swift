import Engine

/// The statements with which blocks and their directory are written.
enum BlockStatement {
    /// The directory's row of the block that has the key ?1, and of two behind it: key and number.
    case places
    /// The number of the block that has the key ?1.
    case place
    /// The directory's row before the one with the key ?1.
    case before
    /// The block ?1.
    case load
    /// The same; NULL where it is larger than a page.
    case loadSmall
    /// Puts the block ?2 under the number ?1, or under a number of its own where that is NULL.
    case store
    /// Removes the block ?1.
    case remove
    /// Adds a row to the directory: key and number.
    case enter
    /// Removes the directory's row with the key ?1.
    case leave
    /// Removes the blocks whose keys in the directory are after ?1 and, where there is an end, before ?2.
    case removeBetween(bounded: Bool)
    /// The same of the directory's rows.
    case leaveBetween(bounded: Bool)

    static let count = 13

    /// A number for each, below `count`.
    var ordinal: Int {
        switch self {
        case .places: 0
        case .load: 1
        case .store: 2
        case .remove: 3
        case .enter: 4
        case .leave: 5
        case .removeBetween(let bounded): bounded ? 6 : 7
        case .leaveBetween(let bounded): bounded ? 8 : 9
        case .before: 10
        case .loadSmall: 11
        case .place: 12
        }
    }

    /// A column of the directory's row of the block that has the key ?1.
    static func first(_ column: String, _ keyspace: Keyspace) -> String {
        """
        SELECT \(column) FROM "\(keyspace.rawValue)_directory" \
        WHERE key <= ?1 ORDER BY key DESC LIMIT 1
        """
    }

    func sql(_ keyspace: Keyspace) -> String {
        let blocks = "\"\(keyspace.rawValue)_blocks\""
        let directory = "\"\(keyspace.rawValue)_directory\""
        return switch self {
        case .places:
            """
            SELECT key, number FROM \(directory) WHERE key >= (\(Self.first("key", keyspace))) \
            ORDER BY key LIMIT 3
            """
        case .place: Self.first("number", keyspace)
        case .before:
            "SELECT key, number FROM \(directory) WHERE key < ?1 ORDER BY key DESC LIMIT 1"
        case .load: "SELECT block FROM \(blocks) WHERE number = ?1"
        case .loadSmall:
            // SQLite tells a length without reading what lies in other pages.
            """
            SELECT CASE WHEN length(block) <= \(Block.bytesCount) THEN block END \
            FROM \(blocks) WHERE number = ?1
            """
        case .store: "INSERT OR REPLACE INTO \(blocks) (number, block) VALUES (?1, ?2)"
        case .remove: "DELETE FROM \(blocks) WHERE number = ?1"
        case .enter: "INSERT INTO \(directory) (key, number) VALUES (?1, ?2)"
        case .leave: "DELETE FROM \(directory) WHERE key = ?1"
        case .removeBetween(let bounded):
            """
            DELETE FROM \(blocks) WHERE number IN \
            (SELECT number FROM \(directory) WHERE \(Self.between(bounded)))
            """
        case .leaveBetween(let bounded):
            "DELETE FROM \(directory) WHERE \(Self.between(bounded))"
        }
    }

    private static func between(_ bounded: Bool) -> String {
        "key > ?1" + (bounded ? " AND key < ?2" : "")
    }
}
