package org.alcove.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alcove.Alcove;
import org.alcove.Settings;
import org.alcove.TestToolbox;

/**
 * A batch in a JVM of its own, to be killed. Arguments: an op file, a folder of images, an output folder, a memory
 * directory. It says "done" when it has ended by itself.
 */
final class BatchProgram {
    private BatchProgram() {}

    public static void main(String[] arguments) throws IOException {
        Path images = Path.of(arguments[1]);
        Settings settings = TestToolbox.settings(Path.of(arguments[3]));
        try (Alcove alcove = Alcove.open(settings)) {
            Batch.of(alcove, alcove.op(Path.of(arguments[0]), "measure", TestToolbox.python()))
                    .items(items(images))
                    .workers(2)
                    .output(Path.of(arguments[2]))
                    .onOutcome(outcome -> System.out.println(outcome.item()))
                    .run();
        }
        System.out.println("done");
    }

    private static List<BatchItem> items(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> BatchItem.of("image", file, folder))
                    .toList();
        }
    }
}
