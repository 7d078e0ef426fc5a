package import Expressions
package import Wire

import Changes
import Items

/// A `TransactWriteItems` that needs nothing but the store: parsed, measured and encoded.
///
/// Runs in one context, so that all of its changes have one time: feeds never part them, and other
/// regions take them in one transaction as this one did. The writer runs one operation after
/// another, so no two transactions are ever in each other's way.
package struct PreparedTransactWriteItems: Sendable {
    private let request: TransactWriteItemsRequest
    private let actions: [PreparedAction]
    private let token: RequestToken?

    package init(
        _ request: TransactWriteItemsRequest,
        known: ExpressionCache? = nil,
    ) throws(ServiceError) {
        self.request = request
        var actions: [PreparedAction] = []
        for action in request.actions { actions.append(try PreparedAction(action, known)) }
        self.actions = actions
        let payloadBytes = request.actions.reduce(0) { $0 + $1.payloadBytes }
        guard payloadBytes <= TransactionLimits.payloadBytesMax else {
            throw .transactionPayloadTooLarge
        }
        token = request.clientRequestToken.map { text in
            RequestToken(
                operation: .transactWriteItems,
                text: text,
                fingerprint: TransactionFingerprint.fingerprint(of: request.actions),
            )
        }
    }

    /// Actions whose expressions are trees already, one for each of the request's.
    init(_ request: TransactWriteItemsRequest, _ actions: [PreparedAction], _ token: RequestToken?)
    {
        self.request = request
        self.actions = actions
        self.token = token
    }

    /// Everything is checked before anything is written.
    package func perform(
        in context: inout WriteContext
    ) throws -> TransactWriteItemsResponse {
        if let token, let row = try context.row(of: token) { return replay(row) }
        try context.checkNotFenced()
        let targets = try targets(in: context)
        let outcomes = try outcomes(for: targets, in: context)
        context.beginTransaction(items: outcomes.count(where: \.isWrite))
        var uses: [Use] = []
        var collections = TouchedCollections()
        for (index, (target, outcome)) in zip(targets, outcomes).enumerated() {
            var effects = WriteEffects()
            if case .write(let image, let sizeBytes) = outcome.effect {
                effects = try context.write(image, sizeBytes: sizeBytes, to: target)
            }
            uses.append((.write(bytes: outcome.largerBytes), effects))
            let collection = target.table.collection(
                request.returnItemCollectionMetrics,
                of: request.actions[index].keyItem,
                effects,
            )
            collections.add(collection, of: request.actions[index].tableName)
        }
        if let token { try context.setDone(token, itemBytes: outcomes.map(\.largerBytes)) }
        return response(.write, uses, collections)
    }

    /// What an action used of its table, and did beside.
    private typealias Use = (units: CapacityUnits, effects: WriteEffects)

    // MARK: Steps

    /// Where the actions lie: each in a table that is there, at a key that fits it, none twice.
    private func targets(in context: borrowing WriteContext) throws(ServiceError) -> [Target] {
        var tables: [Table] = []
        for action in request.actions { tables.append(try context.table(action.tableName)) }
        var keys: [ActionKey] = []
        for (index, action) in request.actions.enumerated() {
            keys.append(try action.key(in: tables[index]))
            try action.checkIndexKeysNotEmpty(in: tables[index], actions[index].update)
        }
        let targets = try TransactionReasons.collect(count: actions.count, stopsAtFirst: true) {
            (index) throws(ServiceError) in
            let key = try keys[index].get()
            try request.actions[index].checkIndexKeys(in: tables[index])
            try actions[index].check(against: tables[index])
            return Target(table: tables[index], key: key)
        }
        try Target.checkDistinct(targets)
        return targets
    }

    /// What the actions do, if all of them may.
    private func outcomes(
        for targets: [Target],
        in context: borrowing WriteContext,
    ) throws -> [Outcome] {
        var before: [Before] = []
        before.reserveCapacity(targets.count)
        for (action, target) in zip(actions, targets) {
            before.append(try context.before(of: target, needsItem: action.needsItem))
        }
        let bytesMax = context.collectionBytesMax
        let effects = try TransactionReasons.collect(count: actions.count) {
            (index) throws(ServiceError) in
            let (table, before) = (targets[index].table, before[index])
            let effect = try actions[index].effect(on: before.item, in: table)
            if let bytes = before.collectionBytes, case .write(let image?, let size) = effect {
                try table.checkCollection(
                    room: bytesMax - bytes,
                    from: before.version,
                    to: image,
                    sizeBytes: size,
                )
            }
            return effect
        }
        return zip(before, effects).map { Outcome(sizeBefore: $0.sizeBytes, effect: $1) }
    }

    /// The answer to a request that took effect before: it costs what reading the items as they were
    /// then does, whatever has become of them and their tables.
    private func replay(_ row: TokenRow) -> TransactWriteItemsResponse {
        let uses = request.actions.indices.map { (index) -> Use in
            (row.units(ofAction: index), WriteEffects())
        }
        return response(.read, uses, TouchedCollections())
    }

    private func response(
        _ kind: ConsumedCapacity.Kind,
        _ uses: [Use],
        _ collections: TouchedCollections,
    ) -> TransactWriteItemsResponse {
        TransactWriteItemsResponse(
            consumedCapacity: TransactionCapacity.told(
                request.returnConsumedCapacity,
                kind,
                zip(request.actions, uses).map { ($0.tableName, $1.units, $1.effects) },
            ),
            itemCollectionMetrics: collections.tables,
        )
    }
}

/// One action, parsed.
struct PreparedAction: Sendable {
    enum Work: Sendable {
        case put(EncodedItem)
        /// Puts an item where there is none.
        case insert(EncodedItem)
        case update(key: Item, UpdateExpression)
        case delete
        /// Does nothing where there is no item, whatever the condition.
        case deletePresent
        case check
    }

    private let work: Work
    private let condition: ConditionExpression?
    private let returning: ReturnValuesOnConditionCheckFailure

    init(
        _ work: Work,
        condition: ConditionExpression?,
        returning: ReturnValuesOnConditionCheckFailure,
    ) {
        self.work = work
        self.condition = condition
        self.returning = returning
    }

    /// Names and values without any expression are let pass, unlike those of a single write.
    init(_ action: TransactWrite, _ known: ExpressionCache? = nil) throws(ServiceError) {
        if let fault = action.fault, !action.isFaultLast { throw fault }
        var updateText: String?
        if case .update(_, let text) = action.kind { updateText = text }
        let hasExpressions = updateText != nil || action.condition != nil
        var expressions = try ExpressionReader(
            names: hasExpressions ? action.names : nil,
            values: hasExpressions ? action.values : nil,
            expressions: [(.update, updateText != nil), (.condition, action.condition != nil)],
            known: known,
        )
        switch action.kind {
        case .put(let item): work = .put(try EncodedItem(item))
        case .update(let key, let text):
            work = .update(key: key, try expressions.update(text) ?? UpdateExpression(Update([])))
        case .delete: work = .delete
        case .conditionCheck: work = .check
        }
        condition = try expressions.condition(action.condition)
        try expressions.finish()
        if let fault = action.fault { throw fault }
        returning = action.returnValuesOnConditionCheckFailure
    }

    var update: UpdateExpression? {
        if case .update(_, let update) = work { return update }
        return nil
    }

    /// Whether the effect depends on what is there.
    var needsItem: Bool {
        switch work {
        case .update, .insert, .deletePresent: true
        case .put, .delete, .check: condition != nil
        }
    }

    func check(against table: Table) throws(ServiceError) {
        if case .update(_, let update) = work { try table.check(update) }
        try table.check(condition: condition)
    }

    /// What the action does to an item, or to its absence, if its condition holds.
    fileprivate func effect(on item: Item?, in table: Table) throws(ServiceError) -> Effect {
        if case .deletePresent = work, item == nil { return .nothing }
        try condition?.check(item, returning: returning)
        switch work {
        case .put(let encoded):
            return .write(image: encoded.image, sizeBytes: encoded.sizeBytes)
        case .insert(let encoded):
            guard item == nil else { throw .duplicateItem() }
            return .write(image: encoded.image, sizeBytes: encoded.sizeBytes)
        case .update(let key, let update):
            if item == nil, update.onlyRemoves { return .nothing }
            let result = try update.result(on: item, key: key).item
            if let fault = table.indexKeyFault(in: result) { throw fault.resultError }
            return .write(image: result.encoded(), sizeBytes: result.sizeBytes)
        case .delete, .deletePresent:
            return .write(image: nil, sizeBytes: 0)
        case .check:
            return .nothing
        }
    }
}

/// What an action does to its item.
fileprivate enum Effect {
    case nothing
    /// Stores an image, or for nil a tombstone.
    case write(image: [UInt8]?, sizeBytes: Int)
}

/// What is known of an action's item before the transaction.
private struct Before {
    /// Nil where there is none, and where the action does not ask.
    let item: Item?
    let sizeBytes: Int
    /// Nil for a table without local indexes; then there is no need of the version either.
    let collectionBytes: Int64?
    let version: Version?
}

extension WriteContext {
    fileprivate func before(of target: Target, needsItem: Bool) throws -> Before {
        let (table, key) = (target.table, target.key)
        let collectionBytes = try collectionBytes(of: table, at: key)
        return try withPresent(of: table, at: key) { present in
            // Once the first action is written, none of the others may fail.
            try group.checkCounts(of: table)
            guard group.canDerive(from: present.stored, in: table) else {
                throw StoredFormError.malformed
            }
            return try Before(
                item: needsItem ? present.item() : nil,
                sizeBytes: present.sizeBytes,
                collectionBytes: collectionBytes,
                version: collectionBytes == nil ? nil : present.version(),
            )
        }
    }

    /// Stores a new image, or for nil a tombstone, over what is there.
    fileprivate mutating func write(
        _ image: [UInt8]?,
        sizeBytes: Int,
        to target: Target,
    ) throws -> WriteEffects {
        let (table, key) = (target.table, target.key)
        guard let image else {
            let current = try version(of: table, at: key)
            return try write(nil, sizeBytes: sizeBytes, to: table, at: key, over: current)
        }
        return try group.withPresent(of: table, at: key) { present in
            try write(image, sizeBytes: sizeBytes, to: table, at: key, over: present)
        }
    }
}

private struct Outcome {
    let sizeBefore: Int
    let effect: Effect

    var isWrite: Bool {
        if case .write = effect { return true }
        return false
    }

    /// The larger of the item's sizes before and after: what the action costs.
    var largerBytes: Int {
        if case .write(_, let sizeBytes) = effect { return max(sizeBefore, sizeBytes) }
        return sizeBefore
    }
}

extension TransactWrite {
    /// What the action says that counts towards the transaction's bound.
    fileprivate var payloadBytes: Int {
        let item =
            switch kind {
            case .put(let item): item
            case .update(let key, _), .delete(let key), .conditionCheck(let key): key
            }
        return (values ?? []).reduce(item.sizeBytes) { $0 + $1.1.sizeBytes }
    }

    fileprivate func key(in table: Table) throws(ServiceError) -> ActionKey {
        switch kind {
        case .put(let item): try table.actionKey(ofItem: item)
        case .update(let key, _), .delete(let key), .conditionCheck(let key):
            try table.actionKey(named: key)
        }
    }

    /// Has the key attributes, and perhaps others.
    fileprivate var keyItem: Item {
        switch kind {
        case .put(let item): item
        case .update(let key, _), .delete(let key), .conditionCheck(let key): key
        }
    }

    /// Empty values for keys of indexes are refused as part of the request, like those for the
    /// table's.
    fileprivate func checkIndexKeysNotEmpty(
        in table: Table,
        _ update: UpdateExpression?,
    ) throws(ServiceError) {
        if case .put(let item) = kind, let fault = table.indexKeyFault(in: item), fault.isEmpty {
            throw fault.itemError
        }
        if let update, let fault = table.indexKeyFault(in: update), fault.isEmpty {
            throw fault.literalError
        }
    }

    fileprivate func checkIndexKeys(in table: Table) throws(ServiceError) {
        guard case .put(let item) = kind, let fault = table.indexKeyFault(in: item) else { return }
        throw fault.itemError
    }
}
