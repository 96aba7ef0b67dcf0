package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;

/**
 * {@code FILE.py:OP} as typed by a person.
 *
 * @param file the op file
 * @param name the op's name, empty when the file has only one
 */
record OpReference(Path file, String name) {
    /** Splits at the last colon, unless what follows is the rest of a path ({@code C:\ops\cells.py}). */
    static OpReference parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean named = colon > 0 && text.substring(colon + 1).matches("\\w+") && !Files.exists(Path.of(text));
        return named
                ? new OpReference(Path.of(text.substring(0, colon)), text.substring(colon + 1))
                : new OpReference(Path.of(text), "");
    }

    /** The environment that its file asks for, or the interpreter that the user named. */
    EnvironmentSpec environment(Path python) {
        return python == null ? EnvironmentSpec.fromOpFile(file) : EnvironmentSpec.existing(python);
    }

    Op find(Alcove alcove, EnvironmentSpec environment) {
        if (!name.isEmpty()) {
            return alcove.op(file, name, environment);
        }
        List<Op> ops = alcove.ops(file, environment);
        if (ops.size() > 1) {
            throw new AlcoveException(
                    ErrorKind.OP_NOT_FOUND,
                    file + " has several ops",
                    "add one of them: " + file + ":" + String.join(" or :", ops.stream().map(Op::name).toList()),
                    java.util.Map.of("known", ops.stream().map(Op::name).toList()));
        }
        return ops.get(0);
    }
}
