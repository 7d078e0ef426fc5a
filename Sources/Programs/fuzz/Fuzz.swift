import CFuzzer
import Foundation

/// Arbitrary bytes for whatever reads bytes from outside, led by what they reach (libFuzzer).
///
/// `scripts/fuzz` builds and runs it; the rest of the build leaves it out.
@main
enum Fuzz {
    private static let usage = """
        USAGE: fuzz --part=<part> <folder> [libFuzzer's options] [files to replay]
               fuzz --list
        """

    /// libFuzzer starts the program again for some of its tasks, and passes on what begins with
    /// two dashes.
    private static let part = CommandLine.arguments.lazy
        .filter { $0.hasPrefix("--part=") }
        .compactMap { Part(rawValue: String($0.dropFirst("--part=".count))) }
        .first

    static func main() throws {
        if CommandLine.arguments.contains("--list") {
            return print(Part.allCases.map(\.rawValue).joined(separator: "\n"))
        }
        guard let part else {
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(64)
        }
        if let folder = CommandLine.arguments.dropFirst().first(where: { !$0.hasPrefix("-") }) {
            try plant(part.seeds, in: URL(filePath: folder))
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, takeInput))
    }

    static func take(_ bytes: [UInt8]) {
        part?.take(bytes)
    }

    /// What libFuzzer varies first.
    ///
    /// Files that are there already stay as they are.
    private static func plant(_ seeds: [[UInt8]], in folder: URL) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
            isFolder.boolValue
        else { return }
        for (index, seed) in seeds.enumerated() {
            try Data(seed).write(to: folder.appending(path: "seed-\(index)"))
        }
    }
}

/// Under this name because libFuzzer's own `main`, which is linked and not run, refers to it.
@_cdecl("LLVMFuzzerTestOneInput")
func takeInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Fuzz.take(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
