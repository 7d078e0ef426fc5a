import ArgumentParser
import Glibc
import JSON
import Settings

/// What every command takes.
struct Options: ParsableArguments {
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(help: "The settings of globald (default: $MERIDIAN_CONFIG or ./regions/global.yaml).")
    var config: String?

    @Option(
        help:
            "How to show the answer: \(Output.allCases.map(\.rawValue).joined(separator: " or "))."
    )
    var output = Output.text

    /// The arguments with options of this kind moved from before the command to behind it, where
    /// the commands look for them.
    static func movedBehindCommand(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let first = rest.first {
            if first == "--config" || first == "--output" {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if first.hasPrefix("--config=") || first.hasPrefix("--output=") {
                moved.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + moved + rest[end...]
    }

    func settings() throws -> GlobalSettings {
        let path = config ?? getenv("MERIDIAN_CONFIG").map { String(cString: $0) }
        do {
            return try GlobalSettings.load(path: path ?? "regions/global.yaml")
        } catch {
            throw Failure("\(error)")
        }
    }

    func regions() throws -> Regions {
        Regions(try settings())
    }

    /// Shows a value as JSON or as the text made of it.
    func show(_ json: JSONValue, text: () -> String) {
        switch output {
        case .json: Terminal.show(json.compact)
        case .text: Terminal.show(text())
        }
    }
}
