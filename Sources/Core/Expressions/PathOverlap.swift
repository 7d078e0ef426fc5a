import Items

/// Refuses paths of one expression of which one lies on the way of another (they overlap), or which
/// take one value for a map and for a list (they conflict).
enum PathOverlap {
    /// Up to this many paths the first wrong pair is found as the service finds it, by comparing
    /// all pairs; above, any wrong pair is reported, since a text has room for over a thousand.
    private static let pairwiseMax = 64

    static func check(_ paths: [DocumentPath], ranks: Ranks, cursor: inout Cursor) {
        guard let wrong = neighbours(in: paths) else { return }
        guard paths.count <= pairwiseMax else {
            note(paths[wrong.earlier], paths[wrong.later], ranks: ranks, cursor: &cursor)
            return
        }
        for later in paths.indices.dropFirst() {
            for earlier in 0..<later {
                note(paths[earlier], paths[later], ranks: ranks, cursor: &cursor)
            }
        }
    }

    /// What is wrong with paths that stand together outside of expressions; nil if nothing is.
    static func mistake(in paths: [DocumentPath]) -> String? {
        guard let wrong = neighbours(in: paths) else { return nil }
        let (one, two) = (paths[wrong.earlier], paths[wrong.later])
        return message(clash(one, two) == .conflict ? "conflict" : "overlap", one, two)
    }

    /// Two paths that overlap or conflict.
    ///
    /// If there are any, then two that are neighbours in order: what lies between a path and one
    /// that goes on behind its end goes on behind it as well, and the indexes of a value stand
    /// before its names.
    private static func neighbours(in paths: [DocumentPath]) -> (earlier: Int, later: Int)? {
        if paths.count == 1 { return nil }
        let order = paths.indices.sorted { paths[$0] < paths[$1] }
        for (left, right) in zip(order, order.dropFirst())
        where clash(paths[left], paths[right]) != nil {
            return (min(left, right), max(left, right))
        }
        return nil
    }

    struct Ranks {
        let overlap: Int
        let conflict: Int
    }

    private enum Clash {
        case overlap, conflict
    }

    private static func clash(_ one: DocumentPath, _ two: DocumentPath) -> Clash? {
        guard one.head == two.head else { return nil }
        for (left, right) in zip(one.rest, two.rest) where left != right {
            return left.isIndex == right.isIndex ? nil : .conflict
        }
        return .overlap
    }

    private static func note(
        _ one: DocumentPath,
        _ two: DocumentPath,
        ranks: Ranks,
        cursor: inout Cursor,
    ) {
        switch clash(one, two) {
        case .overlap: cursor.note(ranks.overlap, message("overlap", one, two))
        case .conflict: cursor.note(ranks.conflict, message("conflict", one, two))
        case nil: break
        }
    }

    private static func message(_ verb: String, _ one: DocumentPath, _ two: DocumentPath) -> String
    {
        "Two document paths \(verb) with each other; must remove or rewrite one of these paths; "
            + "path one: \(one), path two: \(two)"
    }
}

extension DocumentPath.Element {
    var isIndex: Bool {
        if case .index = self { true } else { false }
    }
}
