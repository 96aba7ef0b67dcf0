package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImageJ;
import ij.Macro;
import ij.Menus;
import ij.macro.Interpreter;
import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Menu;
import java.awt.MenuItem;
import java.awt.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.swing.JButton;
import javax.swing.JCheckBox;
import javax.swing.JFrame;
import javax.swing.JList;
import org.alcove.Alcove;
import org.alcove.Eventually;
import org.alcove.catalog.OpFolders;
import org.alcove.imagej.StartMacro;

/**
 * An ImageJ of its own, in the folder of the property {@code plugins.dir}: what becomes of its menus. Started by {@link
 * MenusTest}, because there is one ImageJ in a JVM, and its menus are for all of it.
 */
final class MenuProgram {
    private static final List<String> OWN = List.of("Environments...", "Refresh Ops", "Op Folders...", "About Alcove...");

    private MenuProgram() {}

    public static void main(String[] arguments) {
        Path ops = Path.of(System.getProperty("plugins.dir"), "plugins", "Alcove");
        int exitCode = 1; // windows would keep a program whose main has failed
        try {
            new ImageJ(ImageJ.EMBEDDED);
            opsAreThereWhenImageJHasStarted();
            theyAreThereAgainWithNewOnesWhenItMakesItsMenusAnew(ops);
            nothingNewRunsWhereNobodyCanBeAsked();
            aMacroRecordedBeforeItsOpWasDescribedStillRuns();
            theyGoWhenTheirFilesGo(ops);
            foldersComeAndGo(ops);
            whatHasChangedOrIsBrokenSaysSo(ops);
            theManagerEndsWithImageJ();
            exitCode = 0;
        } catch (Exception | AssertionError failure) {
            failure.printStackTrace();
        }
        System.exit(exitCode);
    }

    private static void opsAreThereWhenImageJHasStarted() throws Exception {
        // The last is known only when the files have been described, in the background.
        shows("What");
        assertEquals(
                List.of(
                        "bad.py (does not load)", "Invert (invert.py)...", "Lab op...", "Segmentation>", "Tools here>", "What",
                        "-",
                        "Environments...", "Refresh Ops", "Op Folders...", "About Alcove...", "other"),
                items("Plugins", "Alcove"));
        assertEquals(List.of("Segment nuclei (cells.py)..."), items("Plugins", "Alcove", "Segmentation"));
        assertEquals(List.of("Segment nuclei (more.py)..."), items("Plugins", "Alcove", "Tools here"));
        assertTrue(items("Plugins").contains("Elsewhere>"), () -> uncheckedItems().toString());
        assertEquals(List.of("Placed..."), items("Plugins", "Elsewhere"));
        for (String script : List.of("cells", "helper", "more", "invert", "bad")) {
            assertFalse(Menus.getCommands().containsKey(script), script + " is no Jython script");
        }
        assertTrue(Menus.getCommands().containsKey("My script"), "what is none of ours stays");
        assertTrue(Menus.getCommands().containsKey("other"));
    }

    private static void theyAreThereAgainWithNewOnesWhenItMakesItsMenusAnew(Path ops) throws Exception {
        Files.writeString(ops.resolve("new.py"), "from alcove import op\n\n\n@op\ndef added() -> int:\n    return 1\n");
        IJ.run("Refresh Menus");
        IJ.run("Close All"); // any command: a macro's next one may be an op's
        assertTrue(Menus.getCommands().containsKey("What"), "what was known is there at once");
        shows("Added");
        assertEquals(1, items("Plugins", "Alcove").stream().filter("-"::equals).count());
        assertTrue(items("Plugins", "Alcove").containsAll(OWN));
        assertFalse(Menus.getCommands().containsKey("new"));
    }

    private static void nothingNewRunsWhereNobodyCanBeAsked() throws Exception {
        Interpreter.batchMode = true;
        IJ.runMacro("run('Lab op...'); print('went on');".replace('\'', '"'));
        assertThrows(RuntimeException.class, () -> IJ.run("Lab op..."), "for scripts and plugins");
        Interpreter.batchMode = false;
        String log = IJ.getLog();
        assertTrue(log != null && log.contains("Lab op: lab.py is new, and nobody has agreed to run it"), log);
        assertFalse(log.contains("went on"), log);
    }

    private static void aMacroRecordedBeforeItsOpWasDescribedStillRuns() throws Exception {
        CommandWatch watch = new CommandWatch(Session.current());
        assertEquals("What", watch.commandExecuting("What..."));
        assertEquals("What", watch.commandExecuting("What"));
        assertEquals("Lab op...", watch.commandExecuting("Lab op"));
        assertEquals("Open...", watch.commandExecuting("Open..."));
        assertEquals("No such", watch.commandExecuting("No such"));
    }

    private static void theyGoWhenTheirFilesGo(Path ops) throws Exception {
        Files.delete(ops.resolve("Tools_here/more.py"));
        Files.delete(ops.resolve("new.py"));
        IJ.run("Refresh Ops");
        Eventually.becomes("they are gone", () -> !items("Plugins", "Alcove").contains("Tools here>"));
        assertFalse(items("Plugins", "Alcove").contains("Added"));
        assertEquals(List.of("Segment nuclei..."), items("Plugins", "Alcove", "Segmentation"), "only one has that title");
        assertTrue(IJ.getInstance() != null && Macro.getOptions() == null);
    }

    private static void foldersComeAndGo(Path ops) throws Exception {
        Path added = Files.createDirectories(ops.resolveSibling("added ü"));
        Files.writeString(added.resolve("more.py"), "from alcove import op\n\n\n@op\ndef from_there() -> int:\n    return 1\n");
        OpFolders.add(added);
        StartMacro macro = new StartMacro(ops.getParent().resolveSibling("macros"));
        assertTrue(macro.isThere());
        Commands.run("folders");
        JList<?> list = inFolders("folders", JList.class);
        Eventually.becomes("all are listed", () -> listed(list).size() == 3);
        EventQueue.invokeAndWait(() -> list.setSelectedIndex(0));
        assertFalse(inFolders("remove", JButton.class).isEnabled(), "ImageJ's own stays");
        EventQueue.invokeAndWait(() -> list.setSelectedIndex(2));
        IJ.run("Refresh Ops");
        shows("From there...");
        Session.current().trusted().trustFolder(added);
        Commands.run("folders");
        Eventually.becomes("it is said", () -> listed(list).get(2).contains("without a question"));
        EventQueue.invokeAndWait(() -> list.setSelectedIndex(2));
        EventQueue.invokeAndWait(inFolders("trust", JButton.class)::doClick);
        Eventually.becomes("it asks again", () -> !Session.current().trusted().trustedFolders().contains(added.toRealPath()));
        Eventually.becomes("it is shown", () -> !listed(list).get(2).contains("without a question"));
        EventQueue.invokeAndWait(() -> list.setSelectedIndex(2));
        EventQueue.invokeAndWait(inFolders("remove", JButton.class)::doClick);
        Eventually.becomes("its op is gone", () -> !items("Plugins", "Alcove").contains("From there..."));
        assertEquals(List.of(), OpFolders.list());
        EventQueue.invokeAndWait(inFolders("start", JCheckBox.class)::doClick);
        Eventually.becomes("ImageJ starts without them", () -> !macro.isThere());
        IJ.run("Refresh Ops");
        assertFalse(macro.isThere(), "that is the user's choice");
        EventQueue.invokeAndWait(inFolders("start", JCheckBox.class)::doClick);
        Eventually.becomes("ImageJ starts with them", macro::isThere);
        EventQueue.invokeAndWait(inFolders("close", JButton.class)::doClick);
    }

    /** What a list shows. */
    private static List<String> listed(JList<?> list) throws Exception {
        return onEventThread(() -> {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < list.getModel().getSize(); i++) {
                texts.add(list.getModel().getElementAt(i).toString());
            }
            return texts;
        });
    }

    /** A part of the window of op folders, by its name. */
    private static <T extends Component> T inFolders(String name, Class<T> type) throws Exception {
        List<T> found = new ArrayList<>();
        Eventually.becomes(name + " is there", () -> {
            for (Window window : Window.getWindows()) {
                if (window instanceof JFrame frame && frame.isShowing() && frame.getTitle().equals("Alcove: Op Folders")) {
                    find(frame.getContentPane(), name, type, found);
                }
            }
            return !found.isEmpty();
        });
        return found.get(0);
    }

    private static <T extends Component> void find(Container parent, String name, Class<T> type, List<T> found) {
        for (Component child : parent.getComponents()) {
            if (type.isInstance(child) && name.equals(child.getName())) {
                found.add(type.cast(child));
            } else if (child instanceof Container container) {
                find(container, name, type, found);
            }
        }
    }

    private static void whatHasChangedOrIsBrokenSaysSo(Path ops) throws Exception {
        Path file = ops.resolve("invert.py");
        Files.writeString(file, Files.readString(file).replace("def invert", "def upend"));
        Interpreter.batchMode = true;
        assertThrows(RuntimeException.class, () -> IJ.run("Invert (invert.py)..."));
        assertTrue(IJ.getLog().contains("That command is no longer in invert.py"), IJ.getLog());
        assertTrue(IJ.getLog().contains("Its commands are now: Upend"), IJ.getLog());
        shows("Upend...");
        assertThrows(RuntimeException.class, () -> IJ.run("bad.py (does not load)"));
        Interpreter.batchMode = false;
        assertTrue(IJ.getLog().contains("parameter number has no type"), IJ.getLog());
    }

    private static void theManagerEndsWithImageJ() throws Exception {
        Alcove alcove = Session.current().alcove();
        IJ.getInstance().quit();
        Eventually.becomes("it is closed", () -> !alcove.isOpen());
    }

    private static void shows(String item) throws Exception {
        Eventually.becomes(item + " is shown", () -> items("Plugins", "Alcove").contains(item));
    }

    private static List<String> uncheckedItems() {
        try {
            return items("Plugins");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The titles in a menu; that of a sub-menu ends in &gt;. */
    private static List<String> items(String... path) throws Exception {
        return onEventThread(() -> {
            List<Menu> menus = MenuPath.find(List.of(path));
            List<String> titles = new ArrayList<>();
            if (menus.size() == path.length) {
                Menu menu = menus.get(menus.size() - 1);
                for (int i = 0; i < menu.getItemCount(); i++) {
                    MenuItem item = menu.getItem(i);
                    titles.add(item.getLabel() + (item instanceof Menu ? ">" : ""));
                }
            }
            return titles;
        });
    }

    private static <T> T onEventThread(Callable<T> question) throws Exception {
        FutureTask<T> task = new FutureTask<>(question);
        EventQueue.invokeAndWait(task);
        return task.get();
    }
}
