package org.alcove.cli;

import picocli.CommandLine.Mixin;

/** A command that does something to environments, and may download what they need. */
abstract class NetworkCommand extends EnvironmentsCommand {
    @Mixin
    OfflineOption network;

    NetworkCommand(Console console) {
        super(console);
    }

    @Override
    final boolean isOffline() {
        return network.offline;
    }
}
