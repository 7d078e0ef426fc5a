import Items

/// Texts with what became of them, and again the last one that was asked for: an application sends the same
/// one many times in a row, and to hash it takes 900 instructions.
struct KnownTexts<Tree: ValuedTree> {
    private var entries: [Text: ParsedExpression<Tree>] = [:]
    private var last: (text: String, parsed: ParsedExpression<Tree>)?

    mutating func find(_ text: String) -> ParsedExpression<Tree>? {
        if let last, Text(last.text) == Text(text) { return last.parsed }
        guard let parsed = entries[Text(text)] else { return nil }
        last = (text, parsed)
        return parsed
    }

    mutating func set(_ text: String, _ parsed: ParsedExpression<Tree>) {
        if entries.count >= ExpressionCache.entriesMax {
            entries.removeAll(keepingCapacity: true)
        }
        entries[Text(text)] = parsed
        last = (text, parsed)
    }
}
