import Engine

/// How keyspaces look in SQL: one table each, a B-tree of keys with their values beside them.
///
/// `WITHOUT ROWID` keeps a pair in one tree, in key order. With 8 KiB pages a value of up to about
/// 2 KB stands beside its key; a larger one goes to a chain of pages of its own, so that megabytes
/// of history do not widen the tree above them.
/// See https://www.sqlite.org/withoutrowid.html and section 1.6 of the file format.
enum Keyspaces {
    static let pageBytes = 8_192

    static func creation(_ keyspace: Keyspace) -> String {
        """
        CREATE TABLE IF NOT EXISTS "\(keyspace.rawValue)" \
        (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID
        """
    }
}

/// The statements that a connection keeps prepared.
enum StatementKind {
    case begin
    case beginImmediate
    case commit
    case rollback
    case get(Keyspace)
    case put(Keyspace)
    case delete(Keyspace)
    case deleteRange(Keyspace, bounded: Bool)
    case range(Keyspace, bounded: Bool, reversed: Bool)

    static let slotsMax = 4 + Keyspace.allCases.count * slotsPerKeyspace
    private static let slotsPerKeyspace = 9

    /// A place for each kind, below `slotsMax`.
    var slot: Int {
        switch self {
        case .begin: 0
        case .beginImmediate: 1
        case .commit: 2
        case .rollback: 3
        case .get(let keyspace): Self.slot(keyspace, 0)
        case .put(let keyspace): Self.slot(keyspace, 1)
        case .delete(let keyspace): Self.slot(keyspace, 2)
        case .deleteRange(let keyspace, let bounded): Self.slot(keyspace, bounded ? 3 : 4)
        case .range(let keyspace, let bounded, let reversed):
            Self.slot(keyspace, 5 + (bounded ? 1 : 0) + (reversed ? 2 : 0))
        }
    }

    /// The statement for a walk to `to`; one forwards finds its end by itself (`Statement.next`).
    static func walk(_ keyspace: Keyspace, to: [UInt8]?, reversed: Bool) -> StatementKind {
        .range(keyspace, bounded: reversed && to != nil, reversed: reversed)
    }

    private static func slot(_ keyspace: Keyspace, _ offset: Int) -> Int {
        4 + keyspace.ordinal * slotsPerKeyspace + offset
    }

    var sql: String {
        switch self {
        case .begin: "BEGIN DEFERRED"
        case .beginImmediate: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .get(let keyspace):
            "SELECT value FROM \"\(keyspace.rawValue)\" WHERE key = ?1"
        case .put(let keyspace):
            // REPLACE on a table with one index is a plain insert into the tree: no look before it.
            "INSERT OR REPLACE INTO \"\(keyspace.rawValue)\" (key, value) VALUES (?1, ?2)"
        case .delete(let keyspace):
            "DELETE FROM \"\(keyspace.rawValue)\" WHERE key = ?1"
        case .deleteRange(let keyspace, let bounded):
            "DELETE FROM \"\(keyspace.rawValue)\" WHERE key >= ?1"
                + (bounded ? " AND key < ?2" : "")
        case .range(let keyspace, let bounded, let reversed):
            "SELECT key, value FROM \"\(keyspace.rawValue)\" WHERE key >= ?1"
                + (bounded ? " AND key < ?2" : "")
                + " ORDER BY key" + (reversed ? " DESC" : "")
        }
    }
}
