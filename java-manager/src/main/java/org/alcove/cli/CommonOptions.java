package org.alcove.cli;

import picocli.CommandLine.Option;

/** What every command takes. */
final class CommonOptions {
    @Option(names = "--json", description = "Print the result as one JSON object.")
    boolean json;

    @Option(names = "--quiet", description = "Don't show progress.")
    boolean quiet;

    /** How progress is written to stderr. */
    enum ProgressForm {
        TEXT,
        JSON
    }

    @Option(names = "--progress", paramLabel = "text|json", defaultValue = "text",
            description = "Write progress to stderr for people (the default), or for programs: a JSON object on each line.")
    ProgressForm progress;

    @Option(names = "--debug", description = "Show tracebacks and logs when something fails.")
    boolean debug;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    boolean help;
}
