/// The bounds that the API sets on items.
package enum ItemLimits {
    /// Names and values together, as `ItemSize` counts them.
    package static let itemBytesMax = 400 * 1024
    package static let partitionKeyBytesMax = 2048
    package static let sortKeyBytesMax = 1024
    package static let nameBytesMax = 65535
    /// For the names of key attributes.
    package static let keyNameBytesMax = 255
}
