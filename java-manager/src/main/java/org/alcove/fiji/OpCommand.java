package org.alcove.fiji;

import ij.IJ;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.catalog.OpEntry;
import org.alcove.catalog.TrustQuestion;
import org.alcove.gui.FirstRun;
import org.alcove.gui.TrustDialog;

/** What a command does that stands for an op: asks whatever is to be asked, and runs it. */
final class OpCommand {
    private static final String BEGINS = "op ";

    private final Session session;
    private final Path file;
    private final String name;

    private OpCommand(Session session, Path file, String name) {
        this.session = session;
        this.file = file;
        this.name = name;
    }

    /** What ImageJ's table of commands says of an entry; without quotes, which would end it there. */
    static String argument(OpEntry entry) {
        return BEGINS + URLEncoder.encode(entry.op(), StandardCharsets.UTF_8) + " " + entry.file().toUri();
    }

    /** The command that an argument means; empty when it means none. */
    static Optional<OpCommand> of(Session session, String argument) {
        if (!argument.startsWith(BEGINS)) {
            return Optional.empty();
        }
        String[] words = argument.substring(BEGINS.length()).split(" ", 2);
        String name = URLDecoder.decode(words[0], StandardCharsets.UTF_8);
        return Optional.of(new OpCommand(session, Path.of(URI.create(words[1])), name));
    }

    /** Blocks until its results are shown, or the user has changed their mind. Never on the event thread. */
    void run() {
        try {
            if (isReady()) {
                run(title());
            }
        } catch (AlcoveException failure) {
            Problems.tell(failure, file, title());
        }
    }

    /** What the menus call it; the file's name when they don't have it. */
    private String title() {
        return OpTitles.withoutDots(session.menu().title(file, name).orElse(file.getFileName().toString()));
    }

    private void run(String title) {
        Alcove alcove = session.alcove();
        Op op = alcove.op(file, name);
        Optional<OpRequest> request = OpDialog.ask(alcove, op, title);
        if (request.isPresent() && isPrepared(alcove)) {
            OpRunner.run(alcove, title, request.get());
        }
    }

    /** Whether the op is trusted and described; else the user did not want that, or was told what is wrong with the file. */
    private boolean isReady() {
        OpEntry entry = session.entry(file, name);
        if (entry.needsTrust()) {
            if (!isAgreed()) {
                return false;
            }
            entry = session.entry(file, name);
        }
        if (entry.state() == OpEntry.State.UNKNOWN) {
            if (!isPrepared(session.alcove())) {
                return false;
            }
            IJ.showStatus(Words.of("OpCommand.reading", file.getFileName()));
            session.describe(file);
            IJ.showStatus("");
            entry = session.entry(file, name);
        }
        if (entry.state() == OpEntry.State.BROKEN) {
            Problems.explain(entry);
            return false;
        }
        if (entry.state() != OpEntry.State.READY) { // it is being written to
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    Words.of("OpCommand.changing", file.getFileName()),
                    Words.of("OpCommand.changingHint"),
                    Map.of());
        }
        return true;
    }

    private boolean isAgreed() {
        TrustQuestion question = session.trusted().question(file);
        if (!Problems.canAsk()) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    question.changed()
                            ? Words.of("OpCommand.changed", file.getFileName())
                            : Words.of("OpCommand.untrusted", file.getFileName()),
                    Words.of("OpCommand.untrustedHint"),
                    Map.of("cause", "untrusted"));
        }
        boolean isAgreed = TrustDialog.ask(Problems.owner(), question);
        if (isAgreed) {
            session.trusted().trust(question);
        }
        return isAgreed;
    }

    private boolean isPrepared(Alcove alcove) {
        if (alcove.isPrepared()) {
            return true;
        }
        if (!Problems.canAsk()) {
            throw new AlcoveException(
                    ErrorKind.ENVIRONMENT_FAILED,
                    Words.of("OpCommand.noToolbox"),
                    Words.of("OpCommand.noToolboxHint"),
                    Map.of("cause", "toolbox"));
        }
        return FirstRun.prepare(Problems.owner(), alcove, EnvironmentSpec.fromOpFile(file));
    }
}
