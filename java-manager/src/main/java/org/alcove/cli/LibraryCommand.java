package org.alcove.cli;

import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;
import org.alcove.Progress;
import org.alcove.Settings;
import picocli.CommandLine.Mixin;

/** A command that works with an open manager. */
abstract class LibraryCommand implements Callable<Integer> {
    final Console console;

    @Mixin
    CommonOptions common;

    LibraryCommand(Console console) {
        this.console = console;
    }

    @Override
    public final Integer call() throws Exception {
        console.setQuiet(common.quiet);
        console.setForPrograms(common.progress == CommonOptions.ProgressForm.JSON);
        try (Alcove alcove = Alcove.open(settings().onProgress(listener()))) {
            return run(alcove);
        }
    }

    /** What the manager is opened with. */
    Settings settings() {
        return new Settings();
    }

    /** Who hears of the progress of all calls. */
    Consumer<Progress> listener() {
        return console::progress;
    }

    /** Does the work and returns the exit code. */
    abstract int run(Alcove alcove) throws Exception;

    /** Makes the toolbox, shown as a step of its own, when it is not there yet. */
    void prepare(Alcove alcove) throws Exception {
        if (!alcove.isPrepared()) {
            console.step("make the toolbox", () -> {
                alcove.prepare(console::progress);
                return null;
            });
        }
    }

    /** Makes the op's environment, shown as a step of its own, when it is not there yet. */
    void makeEnvironment(Alcove alcove, EnvironmentSpec environment) throws Exception {
        if (alcove.environments().find(environment).isEmpty()) {
            console.step("make the environment", () -> alcove.environments().create(environment, console::progress));
        }
    }

    /** Starts a worker for the op. */
    void start(Op op) throws Exception {
        console.step("start the worker", () -> {
            op.warmUp();
            return null;
        });
    }
}
