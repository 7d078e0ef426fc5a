import ArgumentParser
import JSON
import Replication

struct LinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Lists, pauses and resumes the links of globald, and accepts their skew.",
        discussion: """
            A pause lives in the daemon that was asked: it ends when that daemon does, and another \
            daemon that runs the same link goes on.

            Examples:
              globalctl link list
              globalctl link pause us-east-1 eu-west-1
              globalctl link resume us-east-1 eu-west-1
              globalctl link accept-skew us-east-1 eu-west-1
            """,
        subcommands: [List.self, Pause.self, Resume.self, AcceptSkew.self],
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The links and their lag.")

        @OptionGroup var options: Options

        func run() throws {
            let answer = try options.regions().control(Control.linksPath)
            options.show(answer) { LinksText.table(answer["links"]?.elements ?? []) }
        }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Carry nothing from one region to the other until resumed."
        )

        @OptionGroup var options: Options
        @OptionGroup var ends: Ends

        func run() throws {
            try ends.change(Control.pausePath, options)
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a pause.")

        @OptionGroup var options: Options
        @OptionGroup var ends: Ends

        func run() throws {
            try ends.change(Control.resumePath, options)
        }
    }

    struct AcceptSkew: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept-skew",
            abstract: "Take the changes from ahead of the clock that hold a link.",
            discussion: """
                Mend the source's clock first. What is accepted drags the target's own times \
                along: the other regions find its changes too far ahead in turn, and hold or \
                accept them. Without this the link goes on by itself once the time has come.
                """,
        )

        @OptionGroup var options: Options
        @OptionGroup var ends: Ends

        func run() throws {
            let regions = try options.regions()
            try regions.check(ends.from)
            let name = Control.LinkName(from: ends.from, to: ends.to)
            let status = try regions.peer(ends.to, "/status")
            let account = (status["peers"]?.elements ?? []).first {
                $0["region"]?.text == ends.from
            }
            guard let ahead = account?["aheadMilliseconds"]?.integer, ahead > 0 else {
                throw Failure("\(name) is not held by a clock that is ahead")
            }
            let answer = try regions.peer(
                ends.to,
                "/skew/accept",
                .object([
                    .init("source", .string(ends.from)),
                    .init("aheadMilliseconds", .number(String(ahead))),
                ]),
            )
            options.show(answer) {
                "\(name): accepted what is \(answer["aheadMilliseconds"]?.digits ?? "?") ms ahead"
            }
        }
    }

    struct Ends: ParsableArguments {
        @Argument(help: "The region the changes come from.")
        var from: String

        @Argument(help: "The region they go to.")
        var to: String

        func change(_ path: String, _ options: Options) throws {
            let regions = try options.regions()
            try regions.check(from)
            try regions.check(to)
            let name = Control.LinkName(from: from, to: to)
            let answer = try regions.control(path, name.json())
            options.show(answer) { "\(name): \(answer["state"]?.text ?? "?")" }
        }
    }
}
