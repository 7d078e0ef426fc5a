import Engine

/// The catalog as of the last commit, for readers on any thread.
final class PublishedCatalog: Sendable {
    private let catalog: Guarded<SharedCatalog>

    init(_ catalog: TableCatalog) {
        self.catalog = Guarded(SharedCatalog(catalog))
    }

    func set(_ new: TableCatalog) {
        let shared = SharedCatalog(new)
        catalog.with { $0 = shared }
    }

    var shared: SharedCatalog {
        catalog.with { $0 }
    }

    var current: TableCatalog {
        shared.catalog
    }
}
