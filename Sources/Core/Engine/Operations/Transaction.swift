import Changes
import Items
import Wire

/// Where an action of a transaction lies.
struct Target: Hashable {
    let table: Table
    let key: [UInt8]

    static func == (left: Target, right: Target) -> Bool {
        left.table.number == right.table.number && left.key == right.key
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(table.number)
        hasher.combine(key)
    }

    static func checkDistinct(_ targets: [Target]) throws(ServiceError) {
        guard Set(targets).count == targets.count else { throw .transactionItemTwice }
    }
}

/// The results of the actions, or the reasons why the transaction is cancelled.
enum TransactionReasons {
    /// Calls `body` for each of `count` actions, in order, also after one has failed unless
    /// `stopsAtFirst`.
    ///
    /// Throws `transactionCancelled`, with a reason for each action, if any failed.
    static func collect<Result>(
        count: Int,
        stopsAtFirst: Bool = false,
        _ body: (_ index: Int) throws(ServiceError) -> Result,
    ) throws(ServiceError) -> [Result] {
        var results: [Result] = []
        var reasons: [CancellationReason] = []
        for index in 0..<count {
            if stopsAtFirst, results.count < index {
                reasons.append(.none)
                continue
            }
            do throws(ServiceError) {
                results.append(try body(index))
                reasons.append(.none)
            } catch {
                reasons.append(CancellationReason(error))
            }
        }
        guard results.count == count else { throw .transactionCancelled(reasons) }
        return results
    }
}

/// The key of an action, or why it has none.
typealias ActionKey = Result<[UInt8], ServiceError>

extension Table {
    /// The key of an item that a transaction puts.
    func actionKey(ofItem item: Item) throws(ServiceError) -> ActionKey {
        do throws(ItemKeyError) {
            return .success(try ItemKey(schema: schema, item: item).bytes)
        } catch {
            return try Table.failure(error, KeyValidation.itemError(error))
        }
    }

    /// The key that an action of a transaction names.
    func actionKey(named key: Item) throws(ServiceError) -> ActionKey {
        do throws(ItemKeyError) {
            return .success(try ItemKey(schema: schema, key: key).bytes)
        } catch {
            return try Table.failure(error, KeyValidation.keyError(error))
        }
    }

    /// Empty keys are refused as part of the request, before there is a transaction; keys that are
    /// too long or do not fit the schema cancel it.
    private static func failure(
        _ error: ItemKeyError,
        _ said: ServiceError,
    ) throws(ServiceError) -> ActionKey {
        switch error {
        case .empty: throw said
        case .missing, .typeMismatch, .tooLong, .extraAttributes, .malformed: return .failure(said)
        }
    }
}

enum TransactionCapacity {
    /// What the actions used, told for each table in the order in which they first name them.
    static func told(
        _ shape: ReturnConsumedCapacity,
        _ kind: ConsumedCapacity.Kind,
        _ used: [(tableName: String, units: CapacityUnits, effects: WriteEffects)],
    ) -> [ConsumedCapacity] {
        guard shape != .none else { return [] }
        var totals: [(tableName: String, sum: CapacitySum)] = []
        for part in used {
            let place =
                totals.firstIndex {
                    TableName.name(in: $0.tableName) == TableName.name(in: part.tableName)
                } ?? totals.count
            if place == totals.count { totals.append((part.tableName, CapacitySum())) }
            totals[place].sum.add(part.units, part.effects)
        }
        return totals.compactMap { total in
            total.sum.transactional.told(shape, tableName: total.tableName, kind: kind)
        }
    }
}

/// What makes two transactions the same to a client request token.
///
/// The same actions in the same order; the order of names, values and attributes does not count,
/// since some clients shuffle them from one attempt to the next, nor does what the answer is to tell.
enum TransactionFingerprint {
    static func fingerprint(of actions: [TransactWrite]) -> [UInt8] {
        var writer = ByteWriter(reserving: 1024)
        for action in actions { append(action, to: &writer) }
        return Fingerprint.of(writer.bytes)
    }

    private static func append(_ action: TransactWrite, to writer: inout ByteWriter) {
        switch action.kind {
        case .put(let item): append(1, item, to: &writer)
        case .update(let key, let expression):
            append(2, key, to: &writer)
            writer.text(expression)
        case .delete(let key): append(3, key, to: &writer)
        case .conditionCheck(let key): append(4, key, to: &writer)
        }
        writer.text(action.tableName)
        writer.byte(action.condition == nil ? 0 : 1)
        writer.text(action.condition ?? "")
        writer.byte(action.returnValuesOnConditionCheckFailure == .allOld ? 1 : 0)
        append(action.names?.map { ($0, .string(Text($1))) }, to: &writer)
        append(action.values, to: &writer)
    }

    private static func append(_ tag: UInt8, _ item: Item, to writer: inout ByteWriter) {
        writer.byte(tag)
        writer.block(item.encoded())
    }

    /// As an item, whose stored form is the same however its attributes were ordered.
    private static func append(
        _ members: [(String, AttributeValue)]?,
        to writer: inout ByteWriter,
    ) {
        let attributes = (members ?? []).map { Item.Attribute(Text($0), $1) }
        append(members == nil ? 0 : 1, Item(attributes), to: &writer)
    }
}
