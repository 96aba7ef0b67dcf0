package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Settings;
import org.alcove.SharedArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

    /** Where the op's packages come from. */
    enum Engine {
        UV,
        CONDA
    }

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", defaultValue = "alcove-demo",
            description = "Folder for the results (default: ${DEFAULT-VALUE}).")
    Path output;

    @Option(names = "--engine", paramLabel = "uv|conda", defaultValue = "uv",
            description = "Where the op's packages come from: Python's package index (the default), or a conda channel; the "
                    + "op is a simpler one then, that needs numpy alone.")
    Engine engine;

    @Option(names = "--channel", paramLabel = "CHANNEL",
            description = "The conda channel, a name or URL (default: conda-forge).")
    List<String> channels = new ArrayList<>();

    @Mixin
    OfflineOption network;

    @Spec
    private CommandSpec spec;

    DemoCommand(Console console) {
        super(console);
    }

    @Override
    Settings settings() {
        return new Settings().offline(network.offline);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        Path examples = Path.of(System.getProperty("alcove.home", "."), "examples");
        Path file = existing(examples.resolve(engine == Engine.CONDA ? "cells_conda.py" : "cells.py"));
        Path picture = existing(examples.resolve("images").resolve("nuclei.tif"));
        EnvironmentSpec environment = environment(file);
        prepare(alcove);
        List<Op> ops = console.step("read " + file.getFileName(), () -> alcove.ops(file, environment));
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

    /** What the file asks for; with another channel than that, the same from there. */
    private EnvironmentSpec environment(Path file) {
        if (channels.isEmpty()) {
            return EnvironmentSpec.fromOpFile(file);
        }
        if (engine != Engine.CONDA) {
            throw new ParameterException(spec.commandLine(), "--channel goes with --engine conda");
        }
        return EnvironmentSpec.ofPackages(List.of("numpy"), List.of(), channels, ">=3.10").withName("demo-conda");
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
