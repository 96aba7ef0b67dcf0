package org.alcove.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alcove.AlcoveException;
import org.alcove.ArrayStream;
import org.alcove.ErrorKind;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove demo watch NAME}. */
@Command(
        name = "watch",
        description = "Shows a stream, and counts frames: those that passed unseen (dropped), and those that are not as "
                + "they were played (torn, then the exit code is 1). It may be started first.")
final class DemoWatchCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final long NANOSECONDS_BETWEEN_REPORTS = 1_000_000_000;

    /** How it is shown. */
    static final class Way {
        @Option(names = "--window", description = "In a window (the default where there can be one).")
        boolean window;

        @Option(names = "--png", paramLabel = "DIR", description = "As PNG files in a folder.")
        Path folder;

        @Option(names = "--count", description = "Only count.")
        boolean count;
    }

    @Parameters(arity = "0..1", paramLabel = "NAME", defaultValue = "demo",
            description = "The stream's name (default: ${DEFAULT-VALUE}).")
    String name;

    @ArgGroup
    Way way = new Way();

    @Option(names = "--frames", paramLabel = "N", description = "End after so many frames.")
    Long frames;

    @Mixin
    CommonOptions common;

    private final Console console;
    private final DemoTally tally = new DemoTally();

    DemoWatchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        console.setQuiet(common.quiet);
        try (DemoEnding ending = DemoEnding.after(null)) {
            try (DemoViewer viewer = viewer();
                    ArrayStream.Reader reader = ArrayStream.reader(name)) {
                console.line("Waiting for the stream " + name + "; Ctrl-C ends.");
                show(viewer, reader, ending);
            }
            report();
        }
        return tally.torn() > 0 ? 1 : 0;
    }

    private void show(DemoViewer viewer, ArrayStream.Reader reader, DemoEnding ending) {
        long reported = System.nanoTime();
        long before = 0;
        while (viewer.isOpen() && !ending.comesWithin(0) && (frames == null || tally.frames() < frames)) {
            try {
                Optional<ArrayStream.Frame> next = reader.read(BETWEEN_LOOKS);
                next.ifPresent(frame -> take(frame, viewer));
            } catch (AlcoveException e) {
                if (e.kind() != ErrorKind.STREAM_ENDED) {
                    throw e;
                }
                console.line(e.getMessage());
                return;
            }
            long passed = System.nanoTime() - reported;
            if (passed >= NANOSECONDS_BETWEEN_REPORTS && tally.frames() > before) {
                console.line(String.format(
                        Locale.ROOT, "%s, %.1f frames/s", tally, (tally.frames() - before) * 1e9 / passed));
                reported = System.nanoTime();
                before = tally.frames();
            }
        }
    }

    private void take(ArrayStream.Frame frame, DemoViewer viewer) {
        DemoFrame copy;
        try (frame) {
            copy = DemoFrame.of(frame);
            tally.count(copy, frame.sequence());
        }
        viewer.show(copy, tally);
    }

    private DemoViewer viewer() throws IOException {
        if (way.folder != null) {
            return DemoViewer.folder(way.folder);
        }
        if (way.count) {
            return DemoViewer.none();
        }
        try {
            return DemoViewer.window(name);
        } catch (AlcoveException e) {
            if (way.window) {
                throw e;
            }
            console.line(e.getMessage() + "; counting only.");
            return DemoViewer.none();
        }
    }

    private void report() {
        if (common.json) {
            Map<String, Object> counts = new LinkedHashMap<>();
            counts.put("frames", tally.frames());
            counts.put("dropped", tally.dropped());
            counts.put("torn", tally.torn());
            JsonOutput.print(counts);
        } else {
            System.out.println(tally);
        }
    }
}
