package org.alcove;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The dialogues in {@code sessions/}, of which a {@link PlayedWorker} plays the worker's side in memory. */
class SessionVectorsTest {
    @TempDir
    private static Path memory;

    @TestFactory
    Stream<DynamicTest> theHostSaysAndUnderstandsWhatASessionHas() throws IOException {
        return Vectors.files("sessions", ".json").stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    try (PlayedWorker worker = new PlayedWorker(memory)) {
                        worker.play(Tree.list(Vectors.read(file).get("steps")));
                    }
                }));
    }
}
