package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Python that lacks modules, as distributions make it: the interpreter of the tests with a standard library of links,
 * but for those. It is marked as managed by the distribution, so pip would refuse to install into it.
 */
final class BarePython {
    private BarePython() {}

    static Path make(Path folder, String... lacking) throws IOException {
        List<String> facts;
        try (PythonProgram program = PythonProgram.start("import sys, sysconfig\n"
                + "print(sys._base_executable)\nprint(sysconfig.get_path('stdlib', vars={'installed_base': sys.base_prefix}))")) {
            facts = List.of(program.readLine(), program.readLine());
        }
        Path executable = Path.of(facts.get(0)).toRealPath();
        Path library = Path.of(facts.get(1));
        Path copy = Files.createDirectories(folder.resolve("bin")).resolve("python3");
        Path links = Files.createDirectories(folder.resolve("lib").resolve(library.getFileName()));
        Files.copy(executable, copy);
        Set<String> left = Set.of(lacking);
        try (Stream<Path> entries = Files.list(library)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                String name = entry.getFileName().toString();
                if (!left.contains(name.replaceFirst("\\.py$", "")) && !name.equals("site-packages")) {
                    Files.createSymbolicLink(links.resolve(name), entry);
                }
            }
        }
        Files.writeString(links.resolve("EXTERNALLY-MANAGED"), "[externally-managed]\nError=managed by the test\n");
        Assumptions.assumeTrue(starts(copy), "the tests' Python cannot be copied");
        return copy;
    }

    private static boolean starts(Path python) throws IOException {
        Process process = new ProcessBuilder(python.toString(), "-c", "import os").start();
        return process.onExit().join().exitValue() == 0;
    }
}
