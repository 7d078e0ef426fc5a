import Engine
import Wire

/// Holds the tables to their capacity: refuses what is beyond it, and counts what was used.
///
/// There is one only if `capacity.enforce` is set. Operations know nothing of it: they are asked
/// what they used, as an application can ask, and the answer is cut down to what the application
/// asked for.
final class CapacityMeter: Sendable {
    private let budgets: Guarded<CapacityBudgets>

    init(region: String) {
        budgets = Guarded(
            CapacityBudgets(region: region, startMilliseconds: WallClock.milliseconds())
        )
    }

    func check(
        _ use: CapacityBudgets.Use,
        of table: Table,
        index: String? = nil,
    ) throws(ServiceError) {
        let now = WallClock.milliseconds()
        let refusal: ServiceError? = budgets.with { budgets in
            do throws(ServiceError) {
                try budgets.check(use, of: table, index: index, now: now)
                return nil
            } catch {
                return error
            }
        }
        if let refusal { throw refusal }
    }

    func isThrottled(_ use: CapacityBudgets.Use, _ table: Table) -> Bool {
        do throws(ServiceError) {
            try check(use, of: table)
            return false
        } catch {
            return true
        }
    }

    /// Cancels a transaction of which some action's table has no capacity; one reason an action.
    func checkAll(_ use: CapacityBudgets.Use, _ tables: [Table]) throws(ServiceError) {
        var reasons: [CancellationReason] = []
        var isCancelled = false
        for table in tables {
            do throws(ServiceError) {
                try check(use, of: table)
                reasons.append(.none)
            } catch {
                reasons.append(CancellationReason(error))
                isCancelled = true
            }
        }
        if isCancelled { throw .transactionCancelled(reasons) }
    }

    /// Counts what a request used of a table.
    ///
    /// - Returns: what of it to answer, to one who asked for `wish`.
    func charge(
        _ use: CapacityBudgets.Use,
        _ consumed: ConsumedCapacity?,
        of table: Table,
        answering wish: ReturnConsumedCapacity,
    ) -> ConsumedCapacity? {
        guard let consumed else { return nil }
        let now = WallClock.milliseconds()
        budgets.with { $0.charge(use, consumed, of: table, now: now) }
        return consumed.told(as: wish)
    }

    /// Counts a write that the item's state refused, such as one whose condition failed.
    ///
    /// Nothing is counted for another error.
    func chargeRefused(_ error: ServiceError, of table: Table) {
        guard error.isRefusalByItem else { return }
        let now = WallClock.milliseconds()
        let units = CapacityUnits.write(bytes: error.itemBytes)
        budgets.with { $0.charge(.write, units, of: table, now: now) }
    }
}
