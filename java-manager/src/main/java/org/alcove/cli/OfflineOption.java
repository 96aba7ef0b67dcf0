package org.alcove.cli;

import picocli.CommandLine.Option;

/** For commands that may download something. */
final class OfflineOption {
    @Option(names = "--offline", description = "Use no network, only what earlier downloads left on this machine.")
    boolean offline;
}
