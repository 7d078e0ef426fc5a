import Items
import JSON

extension Checks {
    /// How many attributes `AttributesToGet` may name.
    private static let attributesToGetRange = 1...255

    /// `AttributesToGet`: names of top-level attributes, which are no paths.
    mutating func attributesToGet(_ fields: Fields) throws(ServiceError) -> [Text]? {
        let parameter = "AttributesToGet"
        guard let elements = try fields.list(parameter) else { return nil }
        var names: [Text] = []
        names.reserveCapacity(elements.count)
        for element in elements { names.append(Text(try Fields.string(element))) }
        checkLength(
            names.count,
            fields.location(parameter),
            value: "[\(names.map(\.string).joined(separator: ", "))]",
            Self.attributesToGetRange,
        )
        if names.contains(where: { $0.utf8Count > ItemLimits.nameBytesMax }) {
            violateNameLength(fields.location(parameter), value: "[...]", "Member must")
        }
        var seen: Set<Text> = []
        for name in names where !seen.insert(name).inserted {
            note(.invalidParameters("Duplicate value in attribute name: \(name)"))
            break
        }
        return names
    }
}
