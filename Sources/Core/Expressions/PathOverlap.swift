import Items

/// Refuses paths of one expression of which one lies on the way of another (they overlap), or which
/// take one value for a map and for a list (they conflict).
enum PathOverlap {
    /// Above this many paths, pairs are compared only if two paths share a top-level attribute.
    private static let pairwiseMax = 8

    static func check(_ paths: [DocumentPath], ranks: Ranks, cursor: inout Cursor) {
        if paths.count > pairwiseMax, haveDistinctHeads(paths) { return }
        for later in paths.indices.dropFirst() {
            for earlier in 0..<later {
                note(paths[earlier], paths[later], ranks: ranks, cursor: &cursor)
            }
        }
    }

    struct Ranks {
        let overlap: Int
        let conflict: Int
    }

    private static func haveDistinctHeads(_ paths: [DocumentPath]) -> Bool {
        let heads = paths.map(\.head).sorted()
        return heads.indices.dropFirst().allSatisfy { heads[$0 - 1] != heads[$0] }
    }

    private static func note(
        _ one: DocumentPath,
        _ two: DocumentPath,
        ranks: Ranks,
        cursor: inout Cursor,
    ) {
        guard one.head == two.head else { return }
        for (left, right) in zip(one.rest, two.rest) where left != right {
            if left.isIndex != right.isIndex {
                cursor.note(ranks.conflict, message("conflict", one, two))
            }
            return
        }
        cursor.note(ranks.overlap, message("overlap", one, two))
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
