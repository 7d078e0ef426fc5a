/// The version that all programs of a build say they are.
package enum ProductVersion {
    package static let text = "0.1.0"
}
