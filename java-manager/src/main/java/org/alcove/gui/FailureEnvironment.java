package org.alcove.gui;

import java.nio.file.Path;
import java.util.Optional;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Environment;
import org.alcove.EnvironmentInfo;
import org.alcove.EnvironmentSpec;

/** The environment of an op file with the versions of its packages, as text for a report. */
final class FailureEnvironment {
    private FailureEnvironment() {}

    /** Asks the toolbox, so not to be called on the event thread. Empty when nothing is known. */
    static String text(Alcove alcove, Path opFile) {
        if (alcove == null || opFile == null || !alcove.isOpen()) {
            return "";
        }
        try {
            Optional<Environment> ready = alcove.environments().find(EnvironmentSpec.fromOpFile(opFile));
            return ready.map(environment -> text(alcove, environment)).orElseGet(() -> Words.of("FailureText.notMade"));
        } catch (AlcoveException | IllegalStateException e) {
            return Words.of("FailureText.unknown", String.valueOf(e.getMessage()));
        }
    }

    private static String text(Alcove alcove, Environment environment) {
        StringBuilder text = new StringBuilder(environment.name() + ", " + environment.engine());
        if (environment.directory() == null || !alcove.isPrepared()) {
            return text.append(", ").append(environment.python()).toString();
        }
        EnvironmentInfo info = alcove.environments().show(environment.name());
        text.append(", Python ").append(info.pythonVersion()).append('\n').append(environment.directory());
        info.packages().forEach(each ->
                text.append('\n').append(each.name() + " " + each.version() + "  " + each.manager()));
        return text.toString();
    }
}
