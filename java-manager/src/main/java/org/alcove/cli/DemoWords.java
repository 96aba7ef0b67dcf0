package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.SharedArray;

/** Arrays in words: how numpy and Java order the same axes, and the lines that open the same pixels elsewhere. */
final class DemoWords {
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");
    private static final Path SHARED = Path.of("/dev/shm");

    private DemoWords() {}

    /** A name for each axis, numbers where there are none. */
    static List<String> names(List<Axis> axes, long[] shape) {
        return axes.isEmpty()
                ? IntStream.range(0, shape.length).mapToObj(number -> "axis" + number).toList()
                : axes.stream().map(Axis::name).toList();
    }

    /** dtype and axes in both orders: numpy's last axis changes fastest, Java's image libraries name that one first. */
    static String described(DType dtype, long[] shape, List<String> names) {
        List<String> sizes = IntStream.range(0, shape.length).mapToObj(i -> names.get(i) + " " + shape[i]).toList();
        return dtype.word() + "\n  in numpy:             " + String.join(", ", sizes)
                + "\n  in ImageJ, ImgLib2:   " + String.join(", ", reversed(sizes));
    }

    /** One pixel as numpy has it. */
    static String pixel(long[] index) {
        return "image" + Arrays.toString(index);
    }

    /** The same pixel as it is looked up in ImageJ, counted from 0. */
    static String javaPlace(long[] index, List<String> names) {
        return String.join(", ", reversed(
                IntStream.range(0, index.length).mapToObj(i -> names.get(i) + " " + index[i]).toList()));
    }

    /** Where an element lies in an array, from its position in C order. */
    static long[] index(long position, long[] shape) {
        long[] index = new long[shape.length];
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = position % shape[axis];
            position /= shape[axis];
        }
        return index;
    }

    /** Four ways to open what is shared; each works from any folder. */
    static String linesToPaste(SharedArray shared) {
        Path file = shared.file().orElseThrow();
        String dtype = shared.dtype().word();
        String sizes = Arrays.stream(shared.shape()).mapToObj(Long::toString).collect(Collectors.joining(","));
        String tuple = "(" + sizes.replace(",", ", ") + (shared.shape().length == 1 ? ",)" : ")");
        String axes = shared.axes().isEmpty() ? "" : " --axes \"" + String.join(" ", names(shared.axes(), null)) + '"';
        String offset = shared.offset() == 0 ? "" : " --offset " + shared.offset();
        String receive = "receive " + (isFoundByName(file) ? file.getFileName() : quoted(file)) + " " + dtype + " " + sizes
                + offset + axes + " --watch";
        long[] middle = Arrays.stream(shared.shape()).map(size -> size / 2).toArray();
        List<String> lines = new ArrayList<>(List.of(
                "",
                "Python with the package alcove:",
                "  " + pythonCommand() + " " + receive,
                "",
                "Java:",
                "  " + javaCommand() + " " + receive,
                "",
                "any Python with numpy:",
                "  import numpy",
                "  image = numpy.memmap(" + literal(file) + ", \"" + dtype + "\", \"r+\", " + shared.offset() + ", "
                        + tuple + ")",
                "  " + pixel(middle) + " = 1"));
        if (SHARED.equals(file.getParent())) {
            lines.addAll(List.of(
                    "",
                    "multiprocessing.shared_memory, from Python 3.13 on (before, there is no track=False, and a Python that",
                    "only opened the memory deletes it when it ends):",
                    "  import numpy; from multiprocessing.shared_memory import SharedMemory",
                    "  memory = SharedMemory(\"" + file.getFileName() + "\", track=False)",
                    "  image = numpy.ndarray(" + tuple + ", \"" + dtype + "\", memory.buf, " + shared.offset() + ")"));
        }
        return String.join("\n", lines) + "\n";
    }

    /** How the Python half of this demo is started from anywhere; its package is not installed. */
    static String pythonCommand() {
        String python = WINDOWS ? "python" : "python3";
        Path sources = home().resolve("python-worker").resolve("src");
        if (!Files.isDirectory(sources)) {
            return python + " -m alcove.demo";
        }
        return (WINDOWS ? "set \"PYTHONPATH=" + sources + "\" && " : "PYTHONPATH=" + quoted(sources) + " ") + python
                + " -m alcove.demo";
    }

    /** The launcher in this folder, or by its path where Alcove's own folder is another. */
    static String javaCommand() {
        String name = WINDOWS ? "alcove.cmd" : "alcove";
        Path launcher = home().resolve(name);
        return !Files.exists(launcher) || launcher.equals(Path.of(name).toAbsolutePath())
                ? (WINDOWS ? ".\\" : "./") + name + " demo"
                : quoted(launcher) + " demo";
    }

    /** Whether every process of this machine looks for it in the same folder. */
    private static boolean isFoundByName(Path file) {
        String chosen = System.getenv("ALCOVE_MEMORY_DIR");
        return (chosen == null || chosen.isBlank()) && SHARED.equals(file.getParent());
    }

    private static Path home() {
        return Path.of(System.getProperty("alcove.home", ".")).toAbsolutePath().normalize();
    }

    /** For a shell, where that is needed. */
    private static String quoted(Path path) {
        String text = path.toString();
        if (WINDOWS) {
            return '"' + text + '"';
        }
        return text.matches("[A-Za-z0-9_@%+=:,./-]+") ? text : "'" + text.replace("'", "'\"'\"'") + "'";
    }

    private static String literal(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static List<String> reversed(List<String> texts) {
        List<String> reversed = new ArrayList<>(texts);
        Collections.reverse(reversed);
        return reversed;
    }
}
