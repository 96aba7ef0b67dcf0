package org.alcove.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alcove.Alcove;
import org.alcove.ArrayStream;
import org.alcove.SharedArray;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove demo play IMAGE [NAME]}. */
@Command(
        name = "play",
        description = "Plays an image as a stream of frames, whose size changes now and then: the planes of a stack one "
                + "after the other, or a view that wanders over a single plane.")
final class DemoPlayCommand extends LibraryCommand {
    /** How long it plays. */
    static final class Length {
        @Option(names = "--frames", paramLabel = "N", description = "End after so many frames.")
        Long frames;

        @Option(names = "--seconds", paramLabel = "S", description = "End after so long.")
        Double seconds;
    }

    @Parameters(index = "0", paramLabel = "IMAGE", description = "An image file: what tifffile or imageio opens, or .npy.")
    Path file;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", defaultValue = "demo",
            description = "The stream's name (default: ${DEFAULT-VALUE}).")
    String name;

    @Option(names = "--rate", paramLabel = "N", defaultValue = "60",
            description = "Frames in a second (default: ${DEFAULT-VALUE}).")
    double rate;

    @ArgGroup
    Length length = new Length();

    DemoPlayCommand(Console console) {
        super(console);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        if (!(rate > 0 && Double.isFinite(rate))) {
            throw DemoImages.failure("a rate of " + rate + " frames", "give a number above 0");
        }
        try (DemoEnding ending = DemoEnding.after(null)) {
            long played = play(alcove, ending);
            if (common.json) {
                JsonOutput.print(Map.of("frames", played));
            } else {
                System.out.println("played " + played + " frames");
            }
        }
        return 0;
    }

    private long play(Alcove alcove, DemoEnding ending) throws Exception {
        try (SharedArray image = DemoImages.open(alcove, file, this);
                ArrayStream.Writer writer = ArrayStream.writer(name)) {
            console.line("Playing " + file.getFileName() + " as the stream " + name + "; Ctrl-C ends. Watch it with:");
            console.line("  " + DemoWords.pythonCommand() + " watch " + name);
            console.line("  " + DemoWords.javaCommand() + " watch " + name);
            return play(new DemoFilm(image), writer, ending);
        }
    }

    private long play(DemoFilm film, ArrayStream.Writer writer, DemoEnding ending) {
        long last = length.frames != null
                ? length.frames
                : length.seconds != null ? Math.max(1, Math.round(length.seconds * rate)) : Long.MAX_VALUE;
        double nanoseconds = TimeUnit.SECONDS.toNanos(1) / rate;
        double next = System.nanoTime();
        for (long number = 1; number <= last; number++) {
            long frame = number;
            writer.fill(film.dtype(), film.shape(frame), target -> film.draw(frame, target));
            // A frame that is late makes those after it late, too: nobody wants to see them in a rush.
            next = Math.max(next + nanoseconds, System.nanoTime() - nanoseconds);
            if (ending.comesWithin(Math.max(0, Math.round((next - System.nanoTime()) / 1e6)))) {
                return number;
            }
        }
        return last;
    }
}
