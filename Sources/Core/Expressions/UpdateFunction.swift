/// The functions of update expressions.
enum UpdateFunction: String, Sendable {
    case ifNotExists = "if_not_exists"
    case listAppend = "list_append"

    static let operandCount = 2
}
