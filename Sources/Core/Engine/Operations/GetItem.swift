package import Wire

import Expressions
import Items

extension GetItemRequest {
    /// A whole item goes out in its stored form, without being read.
    package func perform(in context: ReadContext) throws -> GetItemResponse {
        let projection = try parsedProjection()
        let found = try image(projection, in: context)
        return GetItemResponse(
            item: try found.map { try ResponseItem($0.bytes, projection) },
            consumedCapacity: ConsumedCapacity(
                returnConsumedCapacity,
                tableName: tableName,
                table: .read(bytes: found?.sizeBytes ?? 0, consistent: consistentRead),
            ),
        )
    }

    private func image(
        _ projection: ProjectionExpression?,
        in context: ReadContext,
    ) throws -> (bytes: [UInt8], sizeBytes: Int)? {
        if projection == nil, let table = context.keyedTable(tableName) {
            return try context.image(atRow: table.row(named: key))
        }
        let table = try context.table(tableName)
        let key = try table.key(named: key)
        try table.check(projection: projection)
        return try context.image(of: table, at: key)
    }

    private func parsedProjection() throws(ServiceError) -> ProjectionExpression? {
        guard projection != nil || names != nil else {
            return attributesToGet.map(ProjectionExpression.init)
        }
        var expressions = try ExpressionReader(
            names: names,
            expressions: [(.projection, projection != nil)],
        )
        let parsed = try expressions.projection(projection)
        try expressions.finish()
        return parsed
    }
}

extension ResponseItem {
    /// The part of a stored item that the projection shows; without one, the bytes as they are.
    init(_ image: [UInt8], _ projection: ProjectionExpression?) throws(StoredFormError) {
        if let projection {
            self = .item(projection.project(try Item(decoding: image)))
        } else {
            self = .stored(image[...])
        }
    }
}
