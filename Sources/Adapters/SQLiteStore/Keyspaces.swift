import Engine

/// How keyspaces look in SQL: one table each, a B-tree of keys with their values beside them.
///
/// `WITHOUT ROWID` keeps a pair in one tree, in key order. With 8 KiB pages a value of up to about
/// 2 KB stands beside its key; a larger one goes to a chain of pages of its own, so that megabytes
/// of a value do not widen the tree above them. Of some keyspaces the large values are not in SQLite's
/// file at all (`ValueFiles`).
/// See https://www.sqlite.org/withoutrowid.html and section 1.6 of the file format.
enum Keyspaces {
    static let pageBytes = 8_192

    static func creation(_ keyspace: Keyspace) -> String {
        """
        CREATE TABLE IF NOT EXISTS "\(keyspace.rawValue)" \
        (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID
        """
    }

    /// Whether large values may lie in files of their own: where they come and go in the order of
    /// their keys, by the million.
    static func isApart(_ keyspace: Keyspace) -> Bool {
        keyspace == .history || keyspace == .records
    }

    /// What format 4 adds: files of values with how many rows refer to each, counted by triggers; and
    /// for rows whose value is a `ValuePlace`, the number of the file.
    static var apartCreation: [String] {
        let files = "CREATE TABLE value_files (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL)"
        return [files] + Keyspace.allCases.filter(isApart).flatMap { apartCreation($0.rawValue) }
    }

    private static func apartCreation(_ name: String) -> [String] {
        func counting(_ event: String, _ row: String, _ change: String) -> String {
            """
            CREATE TRIGGER "\(name)_\(event)" AFTER \(event) ON "\(name)" \
            WHEN \(row).file IS NOT NULL BEGIN \
            UPDATE value_files SET rows = rows \(change) WHERE number = \(row).file; END
            """
        }
        return [
            "ALTER TABLE \"\(name)\" ADD COLUMN file INTEGER",
            counting("INSERT", "new", "+ 1"),
            counting("DELETE", "old", "- 1"),
        ]
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
            "SELECT \(Self.value(of: keyspace)) FROM \"\(keyspace.rawValue)\" WHERE key = ?1"
        case .put(let keyspace) where Keyspaces.isApart(keyspace):
            """
            INSERT OR REPLACE INTO \"\(keyspace.rawValue)\" (key, value, file) VALUES (?1, ?2, ?3)
            """
        case .put(let keyspace):
            // REPLACE on a table with one index is a plain insert into the tree: no look before it.
            "INSERT OR REPLACE INTO \"\(keyspace.rawValue)\" (key, value) VALUES (?1, ?2)"
        case .delete(let keyspace):
            "DELETE FROM \"\(keyspace.rawValue)\" WHERE key = ?1"
        case .deleteRange(let keyspace, let bounded):
            "DELETE FROM \"\(keyspace.rawValue)\" WHERE key >= ?1"
                + (bounded ? " AND key < ?2" : "")
        case .range(let keyspace, let bounded, let reversed):
            "SELECT key, \(Self.value(of: keyspace)) FROM \"\(keyspace.rawValue)\" WHERE key >= ?1"
                + (bounded ? " AND key < ?2" : "")
                + " ORDER BY key" + (reversed ? " DESC" : "")
        }
    }
    private static func value(of keyspace: Keyspace) -> String {
        Keyspaces.isApart(keyspace) ? "value, file" : "value"
    }
}
