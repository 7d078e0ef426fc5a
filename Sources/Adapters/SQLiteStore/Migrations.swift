import Engine

/// The format of the file, in its `user_version`, and how older ones are brought to it.
///
/// The format says how bytes are laid out. Format 1 had no log: everything was in the file. A program
/// that knows no log must not open a store that has one, hence format 2. Format 3 has several records
/// of a stream in one row, beside rows of one. Format 4 has large values of some keyspaces in files beside
/// SQLite's. Format 5 has some keyspaces in blocks (`BlockConversion`), which takes longer than a transaction should. Format 6
/// has what SQLite's WAL would have in a page log (`PageLog`), without which an older program would find pages missing. A new
/// keyspace is no new format: its tables are made when they are missing.
enum Migrations {
    static let formatCurrent = 6
    static let formatWithPageLog = 6

    /// `Mrdn`: tells our files from other programs' (https://www.sqlite.org/pragma.html#pragma_application_id).
    private static let applicationID = 0x4D72_646E

    /// Makes an empty file a store, and an older store a current one, in one transaction.
    static func run(on connection: Connection, path: String) throws(StoreError) {
        try connection.inTransaction { () throws(StoreError) in
            try bringToCurrent(connection, path: path)
        }
    }

    /// Refuses a store of a newer program.
    static func checkKnown(_ format: Int, path: String) throws(StoreError) {
        guard format <= formatCurrent else {
            throw StoreError(
                attempt: "open \(path)",
                code: 0,
                message: """
                    the store has format \(format), this program knows formats up to \
                    \(formatCurrent): start a newer program
                    """,
            )
        }
    }

    private static func bringToCurrent(
        _ connection: Connection,
        path: String,
    ) throws(StoreError) {
        let format = try connection.number("PRAGMA user_version")
        let application = try connection.number("PRAGMA application_id")
        let isEmpty = try connection.number("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)") == 1
        guard isEmpty || application == applicationID else {
            throw StoreError(
                attempt: "open \(path)",
                code: 0,
                message: "the file is not a region's store"
            )
        }
        try checkKnown(format, path: path)
        for keyspace in Keyspace.allCases {
            for sql in Keyspaces.creation(keyspace) { try connection.execute(sql) }
        }
        if isEmpty { try connection.execute("PRAGMA application_id=\(applicationID)") }
        if format < 2 {
            // One row: the number of the last log whose commits are all in the file.
            try connection.execute("CREATE TABLE flushed (number INTEGER NOT NULL)")
            try connection.execute("INSERT INTO flushed VALUES (0)")
        }
        if format < 4 {
            for sql in Keyspaces.apartCreation { try connection.execute(sql) }
        }
        if format < 5 {
            for keyspace in Keyspace.allCases where Keyspaces.isInBlocks(keyspace) {
                for sql in Keyspaces.firstBlock(keyspace) { try connection.execute(sql) }
            }
        }
        if format < formatCurrent {
            try connection.execute("PRAGMA user_version=\(formatCurrent)")
        }
    }
}
