/// The service's bounds on expressions.
enum ExpressionLimits {
    /// Bytes of an expression's text.
    static let textBytesMax = 4096
    /// Operators and functions in one expression.
    static let operatorsMax = 300
    /// Elements of a document path.
    static let pathElementsMax = 32
    /// The greatest list index.
    static let listIndexMax = Int(Int32.max)
    /// Operands in the list of one IN.
    static let inOperandsMax = 100
    /// Parentheses, NOTs and function calls inside each other.
    ///
    /// Our own bound: parsing and evaluating recurse, and no sensible expression comes near it.
    static let nestingMax = 150
    /// Bytes of a placeholder, its `#` or `:` included.
    static let placeholderBytesMax = 255
}
