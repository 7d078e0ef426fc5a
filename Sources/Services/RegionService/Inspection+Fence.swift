import Causality
import Changes
import Engine
import JSON
import SQLiteStore

/// Who keeps writes out, and how far this region has come, for evacuations.
extension Inspection {
    func fenceReport() throws -> FenceReport {
        // The catalog first: it is then never ahead of the snapshot.
        let catalog = catalog.current
        return try store.read { store in
            try FenceReport(
                catalog: catalog,
                reading: store,
                wallMilliseconds: WallClock.milliseconds(),
            )
        }
    }

    /// A fence as the status shows it, without the vectors.
    func fence(_ fence: Fence) -> JSONValue {
        .object([
            .init("region", .string(fence.region)),
            .init("time", .string(fence.time.description)),
            .init("sinceMilliseconds", .integer(fence.sinceMilliseconds)),
        ])
    }
}
