package org.alcove.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Mistake;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What menus are made of: which ops there are, without running anything. */
class OpCatalogTest {
    /** Says in a file that it was run. */
    private static final String TRACE = """
            from pathlib import Path
            with open(Path(__file__).with_suffix(".ran"), "a") as ran:
                ran.write("x")
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Path ops;
    private Path data;

    @BeforeEach
    void choose() throws IOException {
        ops = Files.createDirectory(bench.folder().resolve("plugins ü"));
        data = bench.folder().resolve("data");
    }

    @Test
    void foldersAreMenus() throws IOException {
        written("b.py", op("b", ""));
        written("A.py", op("a", "title='First'") + op("second", "menu='Own>Menu'"));
        written("Deep_down/in here/c.py", op("c", ""));
        written("Deep_down/no_menu.txt", "");
        written("Deep_down/plugins.py", op("elsewhere", "menu='Plugins>Elsewhere'"));
        assertEquals(
                List.of(
                        "First []",
                        "Second [Own, Menu]",
                        "B []",
                        "Elsewhere [Plugins]",
                        "C [Deep down, in here]"),
                found());
        assertEquals(
                List.of("First [Lab]", "Second [Own, Menu]"),
                titles(read(new OpFolder(ops.resolve("A.py"), List.of("Lab"))).entries()), "a single file");
    }

    @Test
    void whatIsNoOpFileIsLeftOut() throws IOException {
        written("op.py", "import helper, broken\n" + op("f", ""));
        written("helper.py", "from alcove import OpError");
        written("broken.py", "def (");
        written("script.py", "from ij import IJ\nIJ.log('Jython')");
        written("__pycache__/op.py", op("no", ""));
        written("test_op.py", "import alcove, op");
        written("package/__init__.py", "from alcove import op");
        written(".hidden/op.py", op("no", ""));
        written(".hidden.py", op("no", ""));
        written("environment/pyvenv.cfg", "");
        written("environment/lib/op.py", op("no", ""));
        written("folder.py/readme.txt", "");
        assertEquals(List.of("F []"), found());
    }

    @Test
    void anOpFileWithoutAnOpSaysSo() throws IOException {
        Path file = written("forgotten.py", "from alcove import op\ndef f(): ...");
        OpEntry entry = only(read().entries());
        assertEquals(OpEntry.State.BROKEN, entry.state());
        assertEquals("forgotten.py", entry.title());
        assertEquals(file, entry.mistakes().get(0).file());
        assertTrue(entry.mistakes().get(0).hint().contains("@op"), entry.toString());
    }

    @Test
    void linksAreFollowedOnce() throws IOException {
        Path file = written("real/op.py", op("f", ""));
        Files.createSymbolicLink(ops.resolve("real/circle"), ops);
        Files.createSymbolicLink(ops.resolve("a link.py"), file);
        Files.createSymbolicLink(ops.resolve("dangling.py"), ops.resolve("gone.py"));
        assertEquals(List.of("F []"), found());
        assertEquals(
                List.of("F []"),
                titles(read(new OpFolder(ops.resolve("real"), List.of()), new OpFolder(ops, List.of("Again"))).entries()));
    }

    @Test
    void aFolderThatCannotBeReadIsOneEntry() throws IOException {
        written("locked/f.py", op("f", ""));
        written("open/g.py", op("g", ""));
        FoundFiles found = FoundFiles.in(List.of(new OpFolder(ops, List.of())), folder -> {
            if (folder.endsWith("locked")) {
                throw new AccessDeniedException(folder.toString());
            }
            return Files.list(folder);
        });
        List<OpEntry> entries = new EntryReader(org.alcove.KnownOps.in(data), TrustedOps.in(data).snapshot()).read(found);
        assertEquals(List.of("locked []", "G [open]"), titles(entries));
        assertEquals(ops.resolve("locked") + " cannot be read: permission denied", entries.get(0).mistakes().get(0).message());
        OpEntry missing = only(read(new OpFolder(ops.resolve("gone"), List.of())).entries());
        assertEquals(ops.resolve("gone") + " cannot be read: it is not there", missing.mistakes().get(0).message());
    }

    @Test
    void aFileThatCannotBeReadIsOneEntry() throws IOException {
        written("good.py", op("good", ""));
        try (var file = new java.io.RandomAccessFile(new File(ops.toFile(), "large.py"), "rw")) {
            file.setLength(20 << 20);
        }
        assertEquals(List.of("Good []", "large.py []"), found());
    }

    @Test
    void nothingIsRunBeforeItIsTrusted() throws IOException {
        Path file = written("f.py", TRACE + op("f", ""));
        Alcove alcove = open();
        OpCatalog catalog = read();
        assertEquals(OpEntry.State.NEW, only(catalog.entries()).state());
        AlcoveException refused = assertThrows(AlcoveException.class, () -> catalog.describe(alcove, file));
        assertEquals(ErrorKind.LOAD_FAILED, refused.kind());
        assertFalse(refused.hint().isEmpty());
        await(catalog, alcove);
        assertEquals(0, runs(file));
        trust(file);
        assertEquals(OpEntry.State.UNKNOWN, only(catalog.entriesOf(file)).state());
        assertEquals(0, runs(file), "to trust is not to run");
    }

    @Test
    void whatIsDescribedIsKnownToAllProgramsWithoutPython() throws IOException {
        Path file = written("f.py", TRACE + "NAME = 'Found later'\n" + op("f", "title=NAME, menu='A>B'"));
        trust(file);
        Alcove alcove = open();
        OpCatalog catalog = read();
        assertEquals(List.of("F [A, B]"), titles(catalog.entries()), "the text alone does not say it");
        assertEquals(List.of("Found later [A, B]"), titles(catalog.describe(alcove, file)));
        assertEquals(1, runs(file));
        alcove.close();
        OpEntry known = only(read().entries());
        assertEquals(OpEntry.State.READY, known.state());
        assertEquals(Optional.of("Found later"), known.descriptor().map(descriptor -> descriptor.get("title")));
        assertEquals(1, runs(file));
        Files.writeString(file, Files.readString(file).replace("later", "never"));
        OpEntry changed = only(catalog.entriesOf(file));
        assertEquals(OpEntry.State.CHANGED, changed.state());
        assertTrue(changed.descriptor().isEmpty());
    }

    @Test
    void inTheBackgroundOneAfterTheOther() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : List.of("a", "b", "untrusted")) {
            files.add(written(name + ".py", TRACE + op(name, "")));
        }
        Path wrong = written("wrong.py", TRACE + "import helper\n" + op("wrong", ""));
        Path helper = written("helper.py", "\n1 / 0");
        Path dies = written("dies.py", "import os\nos._exit(3)\n" + op("dies", ""));
        Stream.of(files.get(0), files.get(1), wrong, dies).forEach(this::trust);
        Alcove alcove = open();
        OpCatalog catalog = read();
        List<OpEntry> heard = await(catalog, alcove);
        assertEquals(List.of("A []", "B []", "dies.py []", "wrong.py []"), titles(heard));
        assertEquals(OpEntry.State.READY, heard.get(0).state());
        assertTrue(heard.get(2).mistakes().get(0).message().contains("exit code 3"), heard.get(2).toString());
        Mistake mistake = heard.get(3).mistakes().get(0);
        assertEquals(helper + ":2", mistake.file() + ":" + mistake.line());
        assertEquals(List.of(1, 1, 0, 1), Stream.of(files.get(0), files.get(1), files.get(2), wrong).map(this::runs).toList());

        OpCatalog next = read();
        assertEquals(List.of(mistake), only(next.entriesOf(wrong)).mistakes(), "a mistake is remembered");
        await(next, alcove);
        assertEquals(1, runs(wrong), "but only what is unknown is described by itself");
        change(helper, "");
        assertEquals(OpEntry.State.CHANGED, only(next.entriesOf(wrong)).state());
        trust(wrong);
        assertEquals(List.of("Wrong []"), titles(next.describe(alcove, wrong)));
    }

    /** The two looks must see the same files, or what is described changes without a question. */
    @Test
    void javaAndPythonSeeTheSameModules() throws IOException {
        Path file = written("main.py", """
                import its_helper as a, its_package.part
                from its_package import (
                    other,  # which imports more
                )
                import json
                def late():
                    try: import its_late
                    except ImportError: from its_other import name
                TEXT = '''
                import unused
                ''' ; import its_last
                """ + op("f", ""));
        for (String name : List.of("its_helper", "its_late", "its_other", "its_last", "its_package/__init__", "unused")) {
            written(name + ".py", "");
        }
        written("its_package/part.py", "from . import sibling\nfrom .sub.deep import x");
        written("its_package/other.py", "from .. import its_outer");
        written("its_package/sibling.py", "import main");
        written("its_package/sub/deep.py", "");
        written("its_outer.py", "");
        trust(file);
        Alcove alcove = open();
        read().describe(alcove, file);
        String remembered;
        try (Stream<Path> cached = Files.list(data.resolve("cache/descriptors"))) {
            remembered = Files.readString(cached.findFirst().orElseThrow());
        }
        List<Path> modules = new Sources().opFile(file).modules();
        assertEquals(10, modules.size(), modules::toString);
        TreeSet<String> inPython = new TreeSet<>();
        java.util.regex.Matcher paths = java.util.regex.Pattern.compile("\"([^\"]+\\.py)\":").matcher(remembered);
        while (paths.find()) {
            inPython.add(paths.group(1).replace("\\u00FC", "ü"));
        }
        inPython.remove(file.toRealPath().toString());
        assertEquals(inPython, new TreeSet<>(modules.stream().map(Path::toString).toList()));
    }

    /** Those that the text does not show at once would get their menus late. */
    @Test
    void theExamplesAreReadAsTheyDescribeThemselves() throws IOException {
        Path examples = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("examples");
        Alcove alcove = open();
        for (Path file : List.of(examples.resolve("cells.py"), examples.resolve("cells_conda.py"))) {
            OpCatalog catalog = read(new OpFolder(file, List.of()));
            List<String> before = titles(catalog.entries());
            TrustedOps.in(data).trust(TrustedOps.in(data).question(file));
            assertEquals(before, titles(catalog.describe(alcove, file)));
        }
    }

    private List<OpEntry> await(OpCatalog catalog, Alcove alcove) {
        List<OpEntry> heard = new CopyOnWriteArrayList<>();
        try {
            catalog.describeAll(alcove, false, heard::addAll).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return heard;
    }

    private Alcove open() throws IOException {
        return bench.open(TestToolbox.settings(data, bench.memoryDirectory()));
    }

    private void trust(Path file) {
        TrustedOps trusted = TrustedOps.in(data, Map.of());
        trusted.trust(trusted.question(file));
    }

    private OpCatalog read(OpFolder... folders) {
        List<OpFolder> all = folders.length == 0 ? List.of(new OpFolder(ops, List.of())) : Arrays.asList(folders);
        return OpCatalog.read(all, TrustedOps.in(data, Map.of()), data);
    }

    private List<String> found() {
        return titles(read().entries());
    }

    private static List<String> titles(List<OpEntry> entries) {
        return entries.stream().map(entry -> entry.title() + " " + entry.menu()).toList();
    }

    private static OpEntry only(List<OpEntry> entries) {
        assertEquals(1, entries.size(), entries::toString);
        return entries.get(0);
    }

    private int runs(Path file) {
        Path ran = Path.of(file.toString().replaceFirst("\\.py$", ".ran"));
        return (int) ran.toFile().length();
    }

    private static String op(String name, String options) {
        return "from alcove import op\n@op(" + options + ")\ndef " + name + "() -> None: ...\n";
    }

    private Path written(String name, String content) throws IOException {
        Path path = ops.resolve(name);
        Files.createDirectories(path.getParent());
        return change(path, content);
    }

    /** As people have them: saved some time ago. */
    private static Path change(Path path, String content) throws IOException {
        Files.writeString(path, content);
        return Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis() - 60_000));
    }
}
