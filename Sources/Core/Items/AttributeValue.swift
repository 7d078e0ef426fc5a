/// The value of an attribute: one of the ten types of the API.
///
/// Sets are kept sorted and without duplicates and maps sorted by name, so that equal values have
/// equal representations and equal stored bytes. Use the `sorted…` factories to make them.
package enum AttributeValue: Equatable, Sendable {
    case string(Text)
    case number(DecimalNumber)
    case binary([UInt8])
    case bool(Bool)
    case null
    case stringSet([Text])
    case numberSet([DecimalNumber])
    case binarySet([[UInt8]])
    case list([AttributeValue])
    case map(Item)
}
