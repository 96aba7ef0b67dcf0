package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that a worker may send breaks the host. {@link FuzzCampaign} does the same for longer. */
class FuzzTest {
    private static final int LINES = 3000;

    @TempDir
    private Path memory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void changedLinesHarmNobody(long seed) throws Exception {
        try (Fuzz fuzz = new Fuzz(memory)) {
            campaign(fuzz, seed, LINES);
            assertEquals(List.of(), fuzz.findings);
            // Both ways are taken: else the lines are changed too little, or too much.
            assertTrue(fuzz.violations > LINES / 10 && fuzz.succeeded > LINES / 10, fuzz::toString);
        }
    }

    @Test
    void linesForAWorkerHarmNoHost() throws Exception {
        try (Fuzz fuzz = new Fuzz(memory)) {
            for (Path file : Vectors.files("corpus", ".bin")) {
                fuzz.stream(Files.readAllBytes(file));
            }
            assertEquals(List.of(), fuzz.findings);
        }
    }

    /** Streams of some lines each, until there were so many; returns how many there were. */
    static int campaign(Fuzz fuzz, long seed, int lines) throws Exception {
        Mutator mutator = new Mutator(seed);
        while (mutator.lines() < lines) {
            fuzz.stream(mutator.stream());
        }
        return mutator.lines();
    }
}
