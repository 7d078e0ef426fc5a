import Items

/// Reads the text of a `ProjectionExpression`: paths between commas.
enum ProjectionParser {
    /// The order in which the service looks for mistakes.
    private enum Rank {
        static let reserved = 0
        static let placeholder = 1
        static let overlap = 2
        static let conflict = 3
    }

    static func parse(
        _ text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) -> [DocumentPath] {
        var cursor = try Cursor(
            text,
            kind: .projection,
            placeholders: placeholders.taken(),
        )
        defer { placeholders = cursor.placeholders }
        let ranks = PathRanks(reserved: Rank.reserved, placeholder: Rank.placeholder)
        var paths = [try cursor.path(ranks: ranks)]
        while cursor.skip(.comma) { paths.append(try cursor.path(ranks: ranks)) }
        guard cursor.current.kind == .end else { throw cursor.syntaxError() }
        PathOverlap.check(
            paths,
            ranks: PathOverlap.Ranks(overlap: Rank.overlap, conflict: Rank.conflict),
            cursor: &cursor,
        )
        try cursor.throwNoted()
        return paths
    }
}
