package import Wire

import Expressions
import Items

/// An `ExecuteStatement` that has been read: by what it says it is a read or a write.
package enum PreparedExecuteStatement: Sendable {
    case read(ReadStatement)
    case write(WriteStatement)

    package init(_ request: ExecuteStatementRequest) throws(ServiceError) {
        let prepared = try PreparedStatement(request.statement)
        switch prepared.statement {
        case .select(let select):
            self = .read(ReadStatement(request: request, prepared: prepared, select: select))
        case .exists:
            throw .existsOutsideTransaction
        case .insert, .update, .delete:
            guard request.nextToken == nil else { throw .nextTokenMismatch }
            self = .write(WriteStatement(request: request, prepared: prepared))
        }
    }

    package struct ReadStatement: Sendable {
        fileprivate let request: ExecuteStatementRequest
        fileprivate let prepared: PreparedStatement
        fileprivate let select: PartiQLStatement.Select

        package var tableName: String { prepared.tableName }
        package var indexName: String? { select.source.indexName }

        package func perform(in context: ReadContext) throws -> ExecuteStatementResponse {
            let answer = try StatementSelect(
                prepared: prepared,
                select: select,
                nextToken: request.nextToken,
                limit: request.limit,
                returnConsumedCapacity: request.returnConsumedCapacity,
            ).perform(in: context)
            return ExecuteStatementResponse(
                items: answer.items,
                nextToken: answer.position?.text,
                consumedCapacity: answer.consumedCapacity,
                lastEvaluatedKey: answer.lastKey,
            )
        }
    }

    package struct WriteStatement: Sendable {
        fileprivate let request: ExecuteStatementRequest
        fileprivate let prepared: PreparedStatement

        package var tableName: String { prepared.tableName }

        package func perform(in context: inout WriteContext) throws -> ExecuteStatementResponse {
            let write = try SingleStatementWrite(prepared, in: context)
            let answer = try write.perform(request.returnConsumedCapacity, in: &context)
            return ExecuteStatementResponse(
                items: answer.item.map { [.item($0)] } ?? [],
                consumedCapacity: answer.consumedCapacity,
            )
        }
    }
}
