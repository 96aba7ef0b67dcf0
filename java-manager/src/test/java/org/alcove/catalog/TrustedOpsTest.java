package org.alcove.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which op files may run: those whose very content the user has agreed to. */
class TrustedOpsTest {
    @TempDir
    private Path folder;

    private Path data;
    private Path file;
    private TrustedOps trusted;

    @BeforeEach
    void write() throws IOException {
        data = folder.resolve("data ü");
        file = written("ops/größe 1.py", """
                # /// script
                # requires-python = ">=3.10"
                # dependencies = [
                #   "scikit-image[data]>=0.22",  # "not this"
                #   'numpy',
                # ]
                # [tool.alcove]
                # conda = ["libtiff"]
                # ///
                import helper, json
                from package import part
                """);
        written("ops/helper.py", "import deeper");
        written("ops/deeper.py", "import helper");
        written("ops/package/__init__.py", "");
        written("ops/package/part.py", "from . import sibling\nfrom .. import outside");
        written("ops/package/sibling.py", "");
        written("ops/outside.py", "");
        written("ops/unused.py", "");
        trusted = TrustedOps.in(data, Map.of());
    }

    @Test
    void theQuestionSaysWhatWillRun() {
        TrustQuestion question = trusted.question(file);
        assertEquals(file, question.file());
        assertFalse(question.changed());
        assertEquals(
                Set.of("helper.py", "deeper.py", "__init__.py", "part.py", "sibling.py", "outside.py"),
                question.modules().stream().map(each -> each.getFileName().toString()).collect(Collectors.toSet()));
        assertEquals(
                List.of("Python >=3.10", "scikit-image[data]>=0.22", "numpy", "conda: libtiff"),
                question.dependencies());
    }

    @Test
    void whatWasAgreedToIsRemembered() throws IOException {
        assertFalse(trusted.isTrusted(file));
        trusted.trust(trusted.question(file));
        assertTrue(trusted.isTrusted(file));
        assertTrue(TrustedOps.in(data, Map.of()).isTrusted(file), "another program asks again");
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("trusted-ops"))));
    }

    @Test
    void eachChangeIsANewQuestion() throws IOException {
        trusted.trust(trusted.question(file));
        for (String changed : List.of("größe 1.py", "helper.py", "deeper.py", "package/part.py", "outside.py")) {
            Path path = folder.resolve("ops").resolve(changed);
            String before = Files.readString(path);
            Files.writeString(path, before + "\n# changed");
            assertFalse(trusted.isTrusted(file), changed);
            assertTrue(trusted.question(file).changed());
            Files.writeString(path, before);
            assertTrue(trusted.isTrusted(file), "what was agreed to once holds when it comes back: " + changed);
        }
        written("ops/unused.py", "print()");
        assertTrue(trusted.isTrusted(file));
    }

    @Test
    void aHeaderThatWantsToKeepMenusBusyDoesNot() throws IOException {
        String brackets = "[".repeat(20_000) + "a".repeat(20_000) + "[]".repeat(20_000);
        Path odd = written("ops/odd.py", "# /// script\n# dependencies = [" + brackets + "\n# conda = [\""
                + "\\\\".repeat(50_000) + "\"]\n# ///\n" + "@x('" + "\\x41".repeat(50_000) + "')\n");
        assertEquals(1, trusted.question(odd).dependencies().size());
    }

    /** Another file there brings other packages. */
    @Test
    void theFileOfAnEnvironmentBelongsToItsOps() throws IOException {
        Path sharing = written("ops/sharing.py", "# /// script\n# [tool.alcove]\n# environment = \"../shared.yml\"\n# ///\n");
        trusted.trust(trusted.question(sharing));
        Path shared = written("shared.yml", "dependencies: [numpy]");
        assertFalse(trusted.isTrusted(sharing));
        TrustQuestion question = trusted.question(sharing);
        assertEquals(List.of(shared), question.modules());
        assertEquals(List.of("environment: ../shared.yml"), question.dependencies());
        trusted.trust(question);
        assertTrue(trusted.isTrusted(sharing));
        written("shared.yml", "dependencies: [other]");
        assertFalse(trusted.isTrusted(sharing));
    }

    /** Python would import it from now on. */
    @Test
    void aModuleThatComesBetweenIsANewQuestion() throws IOException {
        trusted.trust(trusted.question(file));
        for (String name : List.of("json.py", "json.cpython-311-x86_64-linux-gnu.so", "json.pyc", "json/__init__.py")) {
            Path added = written("ops/" + name, "1");
            assertFalse(trusted.isTrusted(file), name);
            Files.delete(added);
        }
        assertTrue(trusted.isTrusted(file));
    }

    @Test
    void whatWasAskedIsWhatIsTrusted() throws IOException {
        TrustQuestion question = trusted.question(file);
        written("ops/helper.py", "import os");
        trusted.trust(question);
        assertFalse(trusted.isTrusted(file));
        assertTrue(trusted.question(file).changed());
    }

    @Test
    void theSameContentElsewhereIsAnotherFile() throws IOException {
        trusted.trust(trusted.question(file));
        Path twin = Files.copy(file, folder.resolve("ops/twin.py"));
        assertFalse(trusted.isTrusted(twin));
        Path link = Files.createSymbolicLink(folder.resolve("link.py"), file);
        assertTrue(trusted.isTrusted(link), "a link is the file that it leads to");
    }

    @Test
    void aFolderIsTrustedWithAllThatComes() throws IOException {
        trusted.trustFolder(folder.resolve("ops"));
        assertTrue(trusted.isTrusted(file));
        assertTrue(trusted.isTrusted(written("ops/sub/new.py", "from ... import x")));
        assertEquals(List.of(folder.resolve("ops").toRealPath()), trusted.trustedFolders());
        trusted.forget(folder.resolve("ops"));
        assertFalse(trusted.isTrusted(file));
    }

    @Test
    void aLabTrustsFoldersByAVariable() throws IOException {
        TrustedOps lab = TrustedOps.in(data, Map.of("ALCOVE_TRUSTED_OPS", "/none" + File.pathSeparator + folder.resolve("ops")));
        assertTrue(lab.isTrusted(file));
        assertFalse(lab.isTrusted(written("ops of others/new.py", "")), "the name of a folder only begins alike");
        Path outside = written("outside.py", "");
        Path reaching = written("ops/reaching.py", "from .. import outside");
        assertTrue(Files.exists(outside));
        assertFalse(lab.isTrusted(reaching), "it imports what lies outside of the trusted folder");
    }

    @Test
    void whatCannotBeReadIsNotTrusted() {
        Path none = folder.resolve("none.py");
        assertFalse(trusted.isTrusted(none));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> trusted.question(none));
        assertEquals(ErrorKind.LOAD_FAILED, failure.kind());
        assertTrue(failure.getMessage().endsWith("none.py cannot be read: it is not there"), failure.getMessage());
    }

    @Test
    void aDamagedRecordOnlyAsksAgain() throws IOException {
        trusted.trust(trusted.question(file));
        Path record = data.resolve("trusted-ops");
        byte[] whole = Files.readAllBytes(record);
        Files.write(record, new byte[] {(byte) 0xff, '\n', ' ', 'x', '\n', 0, ' ', 0, '\n'});
        assertFalse(trusted.isTrusted(file));
        trusted.trust(trusted.question(file));
        assertTrue(trusted.isTrusted(file));
        for (int length = 0; length < whole.length - 1; length += 9) {
            Files.write(record, java.util.Arrays.copyOf(whole, length));
            assertFalse(trusted.isTrusted(file), () -> "after a part of the record");
        }
    }

    /** Else its second line would be one that somebody else wrote. */
    @Test
    void aPathOfTwoLinesIsOne() throws IOException {
        String digest = trusted.question(file).digest();
        Path sly = written("a%0A\n" + digest + " " + file.toString().replace('/', '\u2215') + ".py", "1");
        trusted.trust(trusted.question(sly));
        assertTrue(trusted.isTrusted(sly));
        assertFalse(trusted.isTrusted(file));
        assertEquals(2, Files.readAllLines(data.resolve("trusted-ops")).size());
    }

    @Test
    void anAnswerThatCannotBeKeptIsSaid() throws IOException {
        Files.writeString(data, "a file, where the folder should be");
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> trusted.trust(trusted.question(file)));
        assertEquals(ErrorKind.FILE_FAILED, failure.kind());
        assertTrue(failure.hint().isPresent());
    }

    @Test
    void twoProgramsLoseNoAnswer() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Answers.class.getName(),
                        data.toString(),
                        "other")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals('r', other.getInputStream().read());
        other.getOutputStream().close();
        Answers.give(data, "own");
        assertEquals(0, other.waitFor());
        Map<Path, Set<String>> all = new TrustRecord(data.resolve("trusted-ops")).read();
        assertEquals(2 * Answers.COUNT, all.size());
    }

    /** A program whose user answers many questions. */
    static final class Answers {
        static final int COUNT = 60;

        private Answers() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println("ready");
            System.in.read();
            give(Path.of(arguments[0]), arguments[1]);
        }

        static void give(Path data, String name) {
            TrustRecord record = new TrustRecord(data.resolve("trusted-ops"));
            IntStream.range(0, COUNT).parallel().forEach(i -> record.add(Path.of("/" + name + i), "digest"));
        }
    }

    private Path written(String name, String content) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }
}
