import Expressions
import Items
import Wire

/// A statement that has been read, with the checks that need no table.
struct PreparedStatement: Sendable {
    let request: StatementRequest
    let statement: PartiQLStatement
    let tableName: String

    init(_ request: StatementRequest) throws(ServiceError) {
        if let error = request.parameterError { throw error }
        self.request = request
        statement = try ServiceError.from { () throws(ExpressionError) in
            try PartiQLStatement(parsing: request.text, parameters: request.parameters)
        }
        tableName = TableName.name(in: statement.source.tableName)
        guard TableName.isValid(tableName) else { throw .statementTableName }
        if case .insert(let insert) = statement { _ = try EncodedItem(insert.item) }
    }

    var isSelect: Bool {
        if case .select = statement { true } else { false }
    }

    var isExists: Bool {
        if case .exists = statement { true } else { false }
    }
}

extension PartiQLStatement {
    /// What the statement asks to be told of its write.
    var returning: StatementReturning? {
        switch self {
        case .update(let update): update.returning
        case .delete(let delete): delete.returning
        case .select, .insert, .exists: nil
        }
    }
}
