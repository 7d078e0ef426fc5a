package import Wire

import Expressions
import Items

extension GetItemRequest {
    /// A whole item goes out in its stored form, without being read.
    package func perform(in context: ReadContext) throws -> GetItemResponse {
        let projection = try parsedProjection()
        let table = try context.table(tableName)
        let key = try table.key(named: key)
        try table.check(projection: projection)
        let found = try context.image(of: table, at: key)
        return GetItemResponse(
            item: try found.map { try ResponseItem($0.bytes, projection) },
            consumedCapacity: ConsumedCapacity(
                returnConsumedCapacity,
                tableName: tableName,
                table: .read(bytes: found?.sizeBytes ?? 0, consistent: consistentRead),
            ),
        )
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
