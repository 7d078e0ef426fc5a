import Engine

/// How keyspaces look in SQL.
///
/// Most are one table, a B-tree of keys with their values beside them.
/// `WITHOUT ROWID` keeps a pair in one tree, in key order. With 8 KiB pages a value of up to about
/// 2 KB stands beside its key; a larger one goes to a chain of pages of its own, so that megabytes
/// of a value do not widen the tree above them. Of some keyspaces the large values are not in SQLite's
/// file at all (`ValueFiles`).
/// See https://www.sqlite.org/withoutrowid.html and section 1.6 of the file format.
///
/// In such a tree the inner pages hold whole pairs. Where there are millions of them, half a kilobyte each, it has
/// seven levels, of which the two lower ones find no room in memory. So the large keyspaces lie in two tables: blocks of
/// pairs, a page each (`Block`), and a directory that has for each block its first possible key: some 25 bytes a block in
/// place of one pair in fourteen. `BlockWriter` says what holds of the two.
enum Keyspaces {
    static let pageBytes = 8_192

    static func creation(_ keyspace: Keyspace) -> [String] {
        let name = keyspace.rawValue
        guard isInBlocks(keyspace) else {
            return [
                """
                CREATE TABLE IF NOT EXISTS "\(name)" \
                (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID
                """
            ]
        }
        return [
            """
            CREATE TABLE IF NOT EXISTS "\(name)_blocks" \
            (number INTEGER PRIMARY KEY, block BLOB NOT NULL)
            """,
            """
            CREATE TABLE IF NOT EXISTS "\(name)_directory" \
            (key BLOB PRIMARY KEY NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID
            """,
        ]
    }

    /// The first block of a keyspace that lies in blocks, without pairs; it is never made twice.
    static func firstBlock(_ keyspace: Keyspace) -> [String] {
        let name = keyspace.rawValue
        return [
            "INSERT INTO \"\(name)_blocks\" VALUES (1, zeroblob(\(Block.bytesCount)))",
            "INSERT INTO \"\(name)_directory\" VALUES (zeroblob(0), 1)",
        ]
    }

    /// Whether pairs lie in blocks, not in rows of their own.
    @inline(__always)
    static func isInBlocks(_ keyspace: Keyspace) -> Bool {
        keyspace == .items || keyspace == .indexes
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
    case block(BlockStatement, Keyspace)

    static let slotsMax = 4 + Keyspace.allCases.count * slotsPerKeyspace
    private static let slotsPerKeyspace = 9 + BlockStatement.count

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
        case .block(let statement, let keyspace): Self.slot(keyspace, 9 + statement.ordinal)
        }
    }

    /// The statement for a walk to `to`; one forwards over rows of a pair each finds its end by itself (`Statement.next`).
    static func walk(_ keyspace: Keyspace, to: [UInt8]?, reversed: Bool) -> StatementKind {
        let bounded = to != nil && (reversed || Keyspaces.isInBlocks(keyspace))
        return .range(keyspace, bounded: bounded, reversed: reversed)
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
        case .block(let statement, let keyspace): statement.sql(keyspace)
        case .get(let keyspace) where Keyspaces.isInBlocks(keyspace):
            """
            SELECT block FROM "\(keyspace.rawValue)_blocks" \
            WHERE number = (\(BlockStatement.first("number", keyspace)))
            """
        case .range(let keyspace, let bounded, let reversed)
        where Keyspaces.isInBlocks(keyspace):
            """
            SELECT block FROM "\(keyspace.rawValue)_directory" AS directory \
            LEFT JOIN "\(keyspace.rawValue)_blocks" AS blocks \
            ON blocks.number = directory.number \
            WHERE directory.key >= (\(BlockStatement.first("key", keyspace))) \
            \(bounded ? "AND directory.key < ?2" : "") \
            ORDER BY directory.key \(reversed ? "DESC" : "")
            """
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
