package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.alcove.Mistake;
import org.alcove.catalog.OpEntry;
import org.junit.jupiter.api.Test;

/** What commands are called in ImageJ's one table of all commands. */
class OpTitlesTest {
    @Test
    void aTitleIsTheOpsOwnWithDotsWhereItAsks() {
        OpEntry quiet = new OpEntry(
                Path.of("/a.py"), "now", "Now", List.of(), OpEntry.State.READY,
                Optional.of(Map.of("name", "now", "inputs", List.of(), "outputs", List.of())), List.of());
        assertEquals(List.of("Blur...", "Now"), titles(entry("/a.py", "Blur"), quiet));
    }

    @Test
    void titlesThatAreTakenSayWhereTheyAreFrom() {
        assertEquals(
                List.of("Invert (a.py)...", "Blur (a.py)...", "Blur (b.py)..."),
                titles(entry("/x/a.py", "Invert"), entry("/x/a.py", "Blur"), entry("/x/b.py", "Blur")));
        assertEquals(
                List.of("Blur (a.py)...", "Blur (y/a.py)..."), titles(entry("/x/a.py", "Blur"), entry("/y/a.py", "Blur")));
        assertEquals(List.of("Open (a.py)..."), titles(entry("/x/a.py", "Open")), "ImageJ's has dots");
    }

    @Test
    void noTitleIsLostHoweverManyAreAlike() {
        List<OpEntry> many = new ArrayList<>(Collections.nCopies(5, entry("/x/a.py", "Blur")));
        many.add(entry("/x/a.py", "Blur (a.py)"));
        assertEquals(6, OpTitles.of(many, title -> false).size());
    }

    @Test
    void whatImageJMistakesForSomethingElseIsAvoided() {
        assertEquals(
                List.of("Run Repeat it...", "Run -...", "Say 'a' now..."),
                titles(entry("/a.py", "Repeat it"), entry("/a.py", "-"), entry("/a.py", "Say \"a\"\n now")));
    }

    @Test
    void aBrokenFileSaysSo() {
        OpEntry broken = new OpEntry(
                Path.of("/a.py"), "", "a.py", List.of(), OpEntry.State.BROKEN, Optional.empty(),
                List.of(new Mistake(Path.of("/a.py"), 1, "no", "")));
        assertEquals(List.of("a.py (does not load)"), titles(broken));
    }

    private static List<String> titles(OpEntry... entries) {
        Set<String> ofImageJ = new TreeSet<>(Set.of("Invert", "Open..."));
        return List.copyOf(OpTitles.of(List.of(entries), ofImageJ::contains).keySet());
    }

    private static OpEntry entry(String file, String title) {
        return new OpEntry(Path.of(file), title, title, List.of(), OpEntry.State.NEW, Optional.empty(), List.of());
    }
}
