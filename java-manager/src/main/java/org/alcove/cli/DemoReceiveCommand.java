package org.alcove.cli;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.Settings;
import org.alcove.SharedArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove demo receive NAME DTYPE SHAPE}. */
@Command(
        name = "receive",
        description = "Opens the pixels that another process shares, without copying them, and can change one.")
final class DemoReceiveCommand extends LibraryCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The block's name, or its file.")
    Path name;

    @Parameters(index = "1", paramLabel = "DTYPE", description = "uint16, float32, ...")
    String dtype;

    @Parameters(index = "2", paramLabel = "SHAPE", description = "In numpy's order: 5,512,512")
    String sizes;

    @Option(names = "--offset", paramLabel = "N", defaultValue = "0", description = "Where the pixels begin, in bytes.")
    long offset;

    @Option(names = "--axes", paramLabel = "NAMES", description = "In the order of the shape: \"z y x\"")
    String axes;

    @Option(names = "--set", paramLabel = "INDEX=VALUE", description = "Change one pixel: 0,10,20=255")
    String change;

    @Option(names = "--watch", description = "Stay, and tell which pixels change.")
    boolean watch;

    DemoReceiveCommand(Console console) {
        super(console);
    }

    @Override
    Settings settings() {
        Path folder = name.getParent();
        return folder == null ? super.settings() : super.settings().memoryDirectory(folder);
    }

    @Override
    int run(Alcove alcove) throws Exception {
        long[] shape = numbers(sizes);
        if (Arrays.stream(shape).anyMatch(size -> size == 0)) {
            throw DemoImages.failure("there are no pixels in " + sizes, "copy the line that the sharing program printed");
        }
        List<Axis> given = axes == null ? List.of() : Axis.list(axes);
        if (axes != null && given.size() != shape.length) {
            throw DemoImages.failure(
                    given.size() + " names of axes for " + shape.length + " sizes", "give as many, in the same order");
        }
        List<String> names = DemoWords.names(given, shape);
        try (SharedArray image =
                alcove.attach(name.getFileName().toString(), offset, DType.ofWord(dtype), given, shape)) {
            report(image, names);
            if (watch) {
                DemoChanges changes = new DemoChanges(image.file().orElseThrow(), offset, image.dtype(), shape, names);
                console.line(changes.isTooLarge()
                        ? "It is too large to look for changes."
                        : "Waiting for changes; Ctrl-C ends.");
                try (DemoEnding ending = DemoEnding.after(null)) {
                    changes.reportUntil(ending);
                }
            }
        }
        return 0;
    }

    private void report(SharedArray image, List<String> names) {
        DemoStatistics statistics = DemoStatistics.of(image);
        String changed = change == null ? null : change(image, names);
        if (common.json) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("dtype", image.dtype().word());
            facts.put("shape", Arrays.stream(image.shape()).boxed().toList());
            facts.put("min", statistics.least());
            facts.put("max", statistics.most());
            facts.put("mean", statistics.mean());
            JsonOutput.print(facts);
            return;
        }
        System.out.println(name.getFileName() + ": " + DemoWords.described(image.dtype(), image.shape(), names));
        System.out.println(statistics);
        for (long position : new long[] {0, middle(image.shape())}) {
            System.out.println(DemoWords.pixel(DemoWords.index(position, image.shape())) + " is " + at(image, position));
        }
        if (changed != null) {
            System.out.println(changed);
        }
    }

    /** Changes the pixel that was named, and says what it was. */
    private String change(SharedArray image, List<String> names) {
        String[] parts = change.split("=", 2);
        if (parts.length < 2) {
            throw DemoImages.failure("expected INDEX=VALUE, not " + change, "for example 0,10,20=255");
        }
        long[] index = numbers(parts[0]);
        long position = position(index, image.shape());
        ByteBuffer pixel = image.buffer(position, 1);
        Object before = DemoValues.at(image.dtype(), pixel, 0);
        DemoValues.put(image.dtype(), pixel, 0, parts[1]);
        return DemoChanges.changed(index, before, DemoValues.at(image.dtype(), pixel, 0), names);
    }

    private static Object at(SharedArray image, long position) {
        return DemoValues.at(image.dtype(), image.buffer(position, 1), 0);
    }

    private static long middle(long[] shape) {
        return position(Arrays.stream(shape).map(size -> size / 2).toArray(), shape);
    }

    private static long position(long[] index, long[] shape) {
        long position = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            if (index.length != shape.length || index[axis] >= shape[axis]) {
                throw DemoImages.failure("there is no " + DemoWords.pixel(index) + " in an image of "
                        + Arrays.toString(shape), "indices are counted from 0");
            }
            position = position * shape[axis] + index[axis];
        }
        return position;
    }

    private static long[] numbers(String text) {
        if (!text.matches("[0-9]{1,18}(,[0-9]{1,18})*")) {
            throw DemoImages.failure("expected whole numbers like 5,512,512, not '" + text + "'",
                    "copy the line that the sharing program printed");
        }
        return Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray();
    }
}
