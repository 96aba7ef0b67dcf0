package org.alcove.scijava;

import java.awt.GraphicsEnvironment;
import java.nio.file.Path;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;
import org.alcove.catalog.TrustQuestion;
import org.alcove.catalog.TrustedOps;
import org.alcove.gui.FirstRun;
import org.alcove.gui.TrustDialog;
import org.scijava.ui.UIService;

/** What a user must agree to before an op runs. Who works without windows is never asked. */
final class Consent {
    private final TrustedOps trusted;
    private final UIService windows;

    /**
     * @param windows null where the application has none
     */
    Consent(TrustedOps trusted, UIService windows) {
        this.trusted = trusted;
        this.windows = windows;
    }

    /**
     * Asks whether an op file may run, unless that is settled.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when it may not and nobody can be asked; {@link
     *     ErrorKind#CANCELLED} when the user said no
     */
    void require(Path file) {
        if (trusted.isTrusted(file)) {
            return;
        }
        TrustQuestion question = trusted.question(file);
        if (!canAsk()) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    file.getFileName() + (question.changed() ? " has changed" : " is new")
                            + ", and nobody has agreed to run it",
                    "run it once from a menu and agree there, or name its folder in the variable ALCOVE_TRUSTED_OPS",
                    Map.of("cause", "untrusted"));
        }
        if (!TrustDialog.ask(null, question)) {
            throw new CancelledException(file.getFileName() + " was not run");
        }
        trusted.trust(question);
        require(file); // it may have changed while the question was open
    }

    /** Asks before the toolbox is downloaded, which an application without windows gets without a question. */
    void requireToolbox(Alcove alcove) {
        if (!alcove.isPrepared() && canAsk() && !FirstRun.prepare(null, alcove)) {
            throw new CancelledException("Alcove was not set up");
        }
    }

    private boolean canAsk() {
        return !GraphicsEnvironment.isHeadless()
                && windows != null
                && !windows.isHeadless()
                && windows.isVisible()
                && !(ImageJLink.isThere() && ImageJLink.isBatchMode());
    }
}
