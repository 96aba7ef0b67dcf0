package org.alcove.catalog;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.Mistake;

/**
 * What a menu shows of an op, or of an op file that cannot be used.
 *
 * @param file the op file; of a folder that cannot be read, the folder
 * @param op the op's name; empty when the file is broken
 * @param title what menus call it: the op's title, of a broken file the file's name
 * @param menu the sub-menus that it stands in, below Alcove's own; when the first is {@code Plugins}, a menu of its own choice
 * @param state what is known of it
 * @param descriptor the op's descriptor, when it is known; for a file that is not trusted it may be known, too
 * @param mistakes what is wrong with a broken file; else empty
 */
public record OpEntry(
        Path file,
        String op,
        String title,
        List<String> menu,
        State state,
        Optional<Map<String, Object>> descriptor,
        List<Mistake> mistakes) {
    /** What is known of an op. */
    public enum State {
        /** The user was never asked about this file; it must not run. */
        NEW,
        /** The user has agreed to another content of this file; it must not run. */
        CHANGED,
        /** Its descriptor is known. */
        READY,
        /** It is trusted, but nobody has described it yet; name and title are what the file's text seems to say. */
        UNKNOWN,
        /** It cannot be read, or did not load. */
        BROKEN
    }

    /** Whether the user must agree before it runs. */
    public boolean needsTrust() {
        return state == State.NEW || state == State.CHANGED;
    }
}
