import Items

/// A tree, and what a request's placeholders must be for it to be that of the same text there.
///
/// No request's values are in it, which may be large, and are nobody else's business.
struct ParsedExpression<Tree: ValuedTree> {
    /// With nothing where values go.
    let tree: Tree
    let names: [(key: String, meaning: Text)]
    let values: [(key: String, type: AttributeTypeName)]

    /// Nil for a tree that does not have just the values that were used, each in its place, and where
    /// names are too long.
    init?(_ tree: Tree, _ uses: PlaceholderUses) {
        let nameBytes = uses.names.reduce(0) { $0 + $1.meaning.utf8Count }
        guard !tree.dependsOnValues, nameBytes <= ExpressionCache.namesBytesMax else { return nil }
        var values: [AttributeValue] = []
        let emptied = tree.replacingValues { value in
            values.append(value)
            return .null
        }
        guard values == uses.values.map(\.meaning) else { return nil }
        self.tree = emptied
        names = uses.names
        self.values = uses.values.map { ($0.key, AttributeTypeName(of: $0.meaning)) }
    }

    /// The tree with the values of these placeholders, which are marked as used; nil where they do not
    /// fit.
    ///
    /// Then the parser marks the same ones, since the text names them.
    func tree(for placeholders: inout Placeholders) -> Tree? {
        for (key, meaning) in names where placeholders.name(for: key) != meaning { return nil }
        for (key, type) in values where placeholders.type(for: key) != type { return nil }
        var place = 0
        return tree.replacingValues { nothing in
            defer { place += 1 }
            // All of them are there, as was just seen.
            return placeholders.value(for: values[place].key) ?? nothing
        }
    }
}
