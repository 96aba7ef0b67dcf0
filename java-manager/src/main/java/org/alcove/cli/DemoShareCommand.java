package org.alcove.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.SharedArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove demo share IMAGE}. */
@Command(
        name = "share",
        description = "Puts an image into shared memory, prints the lines that open it elsewhere, and tells which pixels "
                + "change there. Enter or Ctrl-C takes the memory away.")
final class DemoShareCommand extends LibraryCommand {
    @Parameters(paramLabel = "IMAGE", description = "An image file: what tifffile or imageio opens, or .npy.")
    Path file;

    @Option(names = "--for", paramLabel = "SECONDS", description = "End by itself after so long.")
    Double seconds;

    DemoShareCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        try (SharedArray image = DemoImages.open(alcove, file, this)) {
            List<String> names = DemoWords.names(image.axes(), image.shape());
            DemoChanges changes = new DemoChanges(
                    image.file().orElseThrow(), image.offset(), image.dtype(), image.shape(), names);
            if (common.json) {
                JsonOutput.print(facts(image));
            } else {
                System.out.println(
                        file.getFileName() + ": " + DemoWords.described(image.dtype(), image.shape(), names));
                System.out.println(DemoWords.linesToPaste(image));
                System.out.println(waiting(changes));
            }
            try (DemoEnding ending = seconds == null ? DemoEnding.byEnter() : DemoEnding.after(seconds)) {
                changes.reportUntil(ending);
            }
        }
        console.line("The memory is given back.");
        return 0;
    }

    private String waiting(DemoChanges changes) {
        return (changes.isTooLarge() ? "It is too large to look for changes. " : "Waiting for changes. ")
                + (seconds == null
                        ? "Enter or Ctrl-C takes the memory away."
                        : "The memory is there for " + seconds + " s.");
    }

    private static Map<String, Object> facts(SharedArray image) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("block", image.file().orElseThrow().getFileName().toString());
        facts.put("file", image.file().orElseThrow());
        facts.put("offset", image.offset());
        facts.put("dtype", image.dtype().word());
        facts.put("shape", Arrays.stream(image.shape()).boxed().toList());
        facts.put("axes", DemoWords.names(image.axes(), image.shape()));
        return facts;
    }
}
