/// Rows of text in aligned columns.
struct TextTable {
    private var rows: [[String]]
    /// Columns whose cells are pushed to the right: those of numbers.
    private let numeric: Set<Int>

    init(_ header: [String], numeric: Set<Int> = []) {
        rows = [header]
        self.numeric = numeric
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    var isEmpty: Bool { rows.count == 1 }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { line($0, widths) }.joined(separator: "\n")
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in row.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - cell.count)
            let isLast = column == row.count - 1
            line += column == 0 ? "" : "  "
            line += numeric.contains(column) ? padding + cell : isLast ? cell : cell + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
