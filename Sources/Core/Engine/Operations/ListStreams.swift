import Items
package import Wire

extension ListStreamsRequest {
    package func perform(in context: ReadContext) throws -> ListStreamsResponse {
        let prefix = tableName.map(StreamRow.prefix(tableName:)) ?? []
        // The first key after the one to start from; keys hold no byte above ASCII.
        let from = exclusiveStart.map { start in
            StreamRow.key(tableName: start.tableName, label: start.label) + [0]
        }
        var streams: [StreamARN] = []
        var hasMore = false
        try context.store.range(
            .streams,
            from: from ?? prefix,
            to: ItemKey.upperBound(ofPrefix: prefix),
            reversed: false,
        ) { key, _ in
            guard streams.count < limit else {
                hasMore = true
                return false
            }
            if let stream = StreamRow.names(in: key) { streams.append(stream) }
            return true
        }
        return ListStreamsResponse(
            streams: streams,
            region: context.catalog.region,
            hasMore: hasMore,
        )
    }
}
