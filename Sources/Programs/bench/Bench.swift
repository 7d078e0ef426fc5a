import ArgumentParser

/// A load over HTTP against running regions, with every answer verified.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures running regions with a load whose every answer is verified.",
        discussion: """
            Items have ten attributes and, by default, about 500 bytes; every write writes other \
            values. One thread drives all connections, because load and server often share a \
            machine. Latency counts from the moment a request is sent, or, with --rate, from the \
            moment it was due.

            EXAMPLES:
              bench setup --keys 100000
              bench put
              bench get --seconds 30 --connections 64
              bench update --rate 5000 --output json
              bench setup --keys 100000 --replica eu-west-1
              bench setup --table wide --per-partition 100
              bench query --table wide --per-partition 100
              bench scan --segments 8
              bench lag --from http://127.0.0.1:8001 --to http://127.0.0.1:8002 --rate 2000
              bench catchup --changes 100000 \\
                --before 'globalctl link pause us-east-1 eu-west-1' \\
                --resume 'globalctl link resume us-east-1 eu-west-1'

            The exit code is 1 if any answer was wrong or missing.
            """,
        subcommands: [
            Setup.self, Put.self, Get.self, Update.self, Query.self, Scan.self, Transact.self,
            Lag.self, Catchup.self,
        ],
    )
}
