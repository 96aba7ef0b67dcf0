package org.alcove;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The Python that a toolbox stands on: one of this machine, else one that micromamba brings. */
record BasePython(Map<String, String> variables, Micromamba micromamba) {
    BasePython(Path folder, Map<String, String> variables) {
        this(folder, variables, MicromambaRelease.PINNED);
    }

    /** For the toolbox in {@code folder}. */
    BasePython(Path folder, Map<String, String> variables, MicromambaRelease release) {
        this(variables, new Micromamba(folder, folder.resolveSibling("cache"), variables, release));
    }

    /**
     * The Python, which is installed if there is none.
     *
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} that tells what was looked for and what to do
     */
    Python get(Call call) throws IOException {
        Python.Search search = Python.search(variables);
        if (search.python().isPresent()) {
            return search.python().get();
        } else if (search.isChosen()) {
            throw unfit(search);
        }
        try {
            return micromamba.python(call);
        } catch (AlcoveException e) {
            throw e instanceof CancelledException ? e : none(search, e);
        }
    }

    /** The one that the user chose will not do: another one would be a surprise. */
    static AlcoveException unfit(Python.Search search) {
        return Toolbox.failure("toolbox",
                "ALCOVE_PYTHON names no Python >= " + Python.OLDEST + " that Alcove can use: "
                        + String.join(", ", search.refused()),
                "let it name another one, or unset it: then Alcove looks for one itself", search.refused());
    }

    private static AlcoveException none(Python.Search search, AlcoveException why) {
        Object log = why.data().getOrDefault("log", List.of());
        return new AlcoveException(
                ErrorKind.ENVIRONMENT_FAILED,
                "there is no Python >= " + Python.OLDEST + " to begin with (" + search.describe()
                        + "), and micromamba, which brings one, could not be used: " + why.getMessage(),
                steps(why.hint().orElse("try again")),
                Map.of("cause", why.data().getOrDefault("cause", "toolbox"), "log", log, "refused", search.refused()));
    }

    /** The three ways to a Python. */
    static String steps(String download) {
        return "one of these will do:\n"
                + "  - install Python " + Python.OLDEST + " or newer (Debian and Ubuntu: apt install python3; macOS:"
                + " brew install python; Windows: winget install Python.Python.3.12)\n"
                + "  - let Alcove download micromamba: " + download + "\n"
                + "  - let ALCOVE_MICROMAMBA point to a micromamba executable, or ALCOVE_PYTHON to a Python";
    }
}
