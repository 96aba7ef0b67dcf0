package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.SharedArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code alcove demo}: the whole way, from nothing to labelled nuclei. */
@Command(
        name = "demo",
        description = "Finds the nuclei in a real image: makes the environment, starts a worker, runs the op, writes the "
                + "results. The first run downloads about 200 MB.",
        subcommands = {
            DemoShareCommand.class,
            DemoReceiveCommand.class,
            DemoPlayCommand.class,
            DemoWatchCommand.class
        },
        footer = {
            "",
            "share and receive: one image in two programs. play and watch: a live stream. All four are there in Python, too: "
                + "python -m alcove.demo --help"
        })
final class DemoCommand extends LibraryCommand {
    private static final int WARM_CALLS = 5;

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", defaultValue = "alcove-demo",
            description = "Folder for the results (default: ${DEFAULT-VALUE}).")
    Path output;

    DemoCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        Path examples = Path.of(System.getProperty("alcove.home", "."), "examples");
        Path file = existing(examples.resolve("cells.py"));
        Path picture = existing(examples.resolve("images").resolve("nuclei.tif"));
        EnvironmentSpec environment = EnvironmentSpec.fromOpFile(file);
        prepare(alcove);
        List<Op> ops = console.step("read cells.py", () -> alcove.ops(file));
        Op segment = named(ops, "segment");
        Op overlay = named(ops, "overlay");
        makeEnvironment(alcove, environment);
        start(segment);
        try (SharedArray image = console.step("read " + picture.getFileName(), () -> alcove.readImage(picture));
                Outputs found = console.step("find the nuclei", () -> segment.call(Map.of("image", image)))) {
            SharedArray labels = found.array("labels");
            Map<String, SharedArray> both = Map.of("image", image, "labels", labels);
            try (Outputs drawn = console.step("draw the outlines", () -> overlay.call(both))) {
                Path labelFile = save(alcove, labels, "labels.tif");
                Path overlayFile = save(alcove, drawn.array("overlay"), "overlay.png");
                report(found.integer("count"), labelFile, overlayFile, warmSeconds(segment, image));
            }
        }
        return 0;
    }

    private static Op named(List<Op> ops, String name) {
        return ops.stream().filter(op -> op.name().equals(name)).findFirst().orElseThrow();
    }

    private Path save(Alcove alcove, SharedArray array, String name) throws Exception {
        Path file = output.resolve(name).toAbsolutePath().normalize();
        return console.step("write " + name, () -> {
            alcove.writeImage(array, file);
            return file;
        });
    }

    /** The quickest of some further calls: what a call costs once everything is there. */
    private double warmSeconds(Op segment, SharedArray image) throws Exception {
        return console.step("call it " + WARM_CALLS + " times more", () -> {
            double quickest = Double.MAX_VALUE;
            for (int i = 0; i < WARM_CALLS; i++) {
                long start = System.nanoTime();
                segment.callAsync(Map.of("image", image)).onProgress(silent -> {}).await().close();
                quickest = Math.min(quickest, (System.nanoTime() - start) / 1e9);
            }
            return quickest;
        });
    }

    private void report(long count, Path labels, Path outlines, double warmSeconds) {
        if (common.json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("count", count);
            result.put("labels", labels);
            result.put("overlay", outlines);
            result.put("warm_call_seconds", warmSeconds);
            result.put("seconds", console.seconds());
            JsonOutput.print(result);
            return;
        }
        System.out.println(count + " nuclei");
        System.out.println("labels:  " + labels);
        System.out.println("overlay: " + outlines);
        System.out.println("a warm call takes " + Console.duration(warmSeconds));
    }

    private static Path existing(Path file) {
        if (!Files.exists(file)) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED, "the demo needs " + file, "start it with the launcher of Alcove's folder",
                    Map.of());
        }
        return file;
    }
}
