package import Wire

extension AnyRequest {
    /// The tables whose items the request reads or writes; nil for operations on anything else.
    ///
    /// Statements that cannot be read name none: carrying them out says what is wrong.
    package var itemTables: [String]? {
        switch self {
        case .getItem(let request): [request.tableName]
        case .query(let request): [request.tableName]
        case .scan(let request): [request.tableName]
        case .putItem(let request): [request.tableName]
        case .updateItem(let request): [request.tableName]
        case .deleteItem(let request): [request.tableName]
        case .batchGetItem(let request): request.tables.map(\.tableName)
        case .batchWriteItem(let request): request.tables.map(\.tableName)
        case .transactGetItems(let request): request.gets.map(\.tableName)
        case .transactWriteItems(let request): request.actions.map(\.tableName)
        case .executeStatement(let request): AnyRequest.tables(of: [request.statement])
        case .executeTransaction(let request): AnyRequest.tables(of: request.statements)
        case .batchExecuteStatement(let request): AnyRequest.tables(of: request.statements)
        default: nil
        }
    }

    private static func tables(of statements: [StatementRequest]) -> [String] {
        statements.compactMap { try? PreparedStatement($0).tableName }
    }
}
