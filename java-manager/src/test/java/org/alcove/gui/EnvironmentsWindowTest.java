package org.alcove.gui;

import static org.assertj.swing.core.matcher.JButtonMatcher.withText;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.GraphicsEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.swing.JDialog;
import javax.swing.JRadioButton;
import javax.swing.JTable;
import javax.swing.JTextArea;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Eventually;
import org.alcove.TestToolbox;
import org.alcove.TinyWheel;
import org.alcove.Workbench;
import org.assertj.swing.core.BasicRobot;
import org.assertj.swing.core.GenericTypeMatcher;
import org.assertj.swing.core.Robot;
import org.assertj.swing.edt.GuiActionRunner;
import org.assertj.swing.fixture.DialogFixture;
import org.assertj.swing.fixture.FrameFixture;
import org.assertj.swing.fixture.JButtonFixture;
import org.assertj.swing.fixture.JTableFixture;
import org.assertj.swing.fixture.JTextComponentFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The window of environments, clicked through with real environments of packages from the loopback interface. */
class EnvironmentsWindowTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Robot robot;
    private PackageIndex index;
    private Alcove alcove;
    private FrameFixture window;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
        index = new PackageIndex();
        index.publish(bench.folder().resolve("wheels"), "tiny", "1.0");
        alcove = bench.open(TestToolbox.settings(bench.folder().resolve("data ü"), bench.memoryDirectory()));
        robot = BasicRobot.robotWithNewAwtHierarchy();
        robot.settings().eventPostingDelay(20); // what comes of a click is waited for anyway
        window = new FrameFixture(robot, EnvironmentsWindow.open(alcove).frame());
    }

    @AfterEach
    void close() {
        if (robot != null) {
            robot.cleanUp();
            index.close();
        }
    }

    @Test
    void theLifeOfAnEnvironment() throws Exception {
        waitForText("word", "There are no environments yet");
        create("cells ü.py", index.opFile("tiny"), "cells");
        waitForText("outcome", "cells is ready");
        Eventually.becomes("listed", () -> rows("environments").size() == 1);
        assertEquals(List.of("cells", "ready", "", "uv"), row().subList(0, 4));
        assertTrue(row().get(5).endsWith("MB") || row().get(5).endsWith("kB"), row().toString());
        Eventually.becomes("packages", () -> rows("packages").size() == 1);
        assertEquals(List.of("tiny", "1.0", "pip"), rows("packages").get(0).subList(0, 3));

        index.publish(bench.folder().resolve("wheels"), "tiny", "1.1");
        window.button(withText("Update…")).click();
        DialogFixture update = dialog("Update cells");
        assertEquals(
                List.of("tiny", "newer", "1.0", "1.1", "pip"), List.of(update.table("changes").contents()[0]));
        update.button(withText("Update")).click();
        waitForText("outcome", "cells is updated");

        Files.delete(module());
        window.button(withText("Verify")).click();
        DialogFixture damage = dialog("cells is damaged");
        assertEquals("missing", damage.table("damages").contents()[0][2]);
        damage.button(withText("Repair")).click();
        waitForText("outcome", "cells had one damaged file and was made anew");
        assertTrue(Files.exists(module()));

        click("Environment", "Rename…");
        DialogFixture rename = dialog("Rename cells");
        type(rename.textBox("newName"), "my cells");
        waitForText("mistake", "A name has letters");
        rename.button(withText("Rename")).requireDisabled();
        type(rename.textBox("newName"), "nuclei");
        rename.button(withText("Rename")).click();
        waitForText("outcome", "cells is called nuclei now");
        Eventually.becomes("renamed", () -> row().contains("nuclei"));

        Path opFile = bench.folder().resolve("cells ü.py");
        EnvironmentSpec nuclei = EnvironmentSpec.fromFile(opFile).withName("nuclei");
        alcove.op(opFile, "nothing", nuclei).call(Map.of()).close();
        click("Window", "Refresh");
        Eventually.becomes("in use", () -> row().contains("yes"));

        window.button(withText("Remove…")).click(); // its worker, which only waits, is no reason to refuse
        DialogFixture remove = dialog("Remove nuclei?");
        waitForText("facts", "That frees");
        remove.button(withText("Remove")).click();
        waitForText("word", "There are no environments yet");
        assertEquals(List.of(), alcove.environments().list());

        click("Environment", "Clean up…");
        DialogFixture clean = dialog("Clean up");
        clean.checkBox("caches").click();
        Eventually.becomes("caches", () -> !rows("items").isEmpty());
        agree(clean, "Remove");
        waitForText("outcome", "Freed ");
    }

    @Test
    void jobsAreCancelledAndNothingIsLeftOfThem() throws Exception {
        waitForText("word", "There are no environments yet");
        index.hold();
        create("cells ü.py", index.opFile("tiny"), "cells");
        assertTrue(index.held.await(1, TimeUnit.MINUTES));
        create("others.py", index.opFile("tiny>=1"), "others");
        Eventually.becomes("waiting", () -> buttons("Cancel").size() == 2);

        window.close();
        assertEquals(List.of("Create cells", "Create others"), EnvironmentsWindow.running());
        dialog("Close the window?").button(withText("Cancel")).click();
        buttons("Cancel").forEach(JButtonFixture::click);
        waitForText("outcome", "Cancelled; nothing was changed");
        Eventually.becomes("both ended", () -> buttons("Cancel").isEmpty());
        assertEquals(List.of(), alcove.environments().list());

        CountDownLatch closed = new CountDownLatch(1);
        EnvironmentsWindow.open(alcove).onClosed(closed::countDown);
        window.close();
        assertTrue(closed.await(1, TimeUnit.MINUTES));
    }

    @Test
    void typedLockedPackedAndUnpacked() throws Exception {
        create("cells ü.py", index.opFile("no-such-package"), "cells");
        dialog("Create cells").button(withText("Close")).click();
        assertEquals(List.of(), alcove.environments().list());

        window.button(withText("Create…")).click();
        DialogFixture typing = dialog("Create an environment");
        typing.radioButton(withRadioText("From packages")).click();
        type(typing.textBox("pip"), "tiny @ " + index.url("tiny-1.0-py3-none-any.whl"));
        Eventually.becomes("a name", () -> typing.textBox("name").text().startsWith("tiny-"));
        type(typing.textBox("name"), "typed");
        agree(typing, "Create");
        waitForText("outcome", "typed is ready");
        Eventually.becomes("selected", () -> window.button(withText("Update…")).isEnabled());

        type(window.textBox("filter"), "no such");
        Eventually.becomes("filtered", () -> rows("environments").isEmpty());
        type(window.textBox("filter"), "uv");
        Eventually.becomes("found", () -> rows("environments").size() == 1);
        window.table("environments").selectRows(0);

        click("Environment", "Write Lock File…");
        agree(dialog("Write a lock file"), "Choose Packages");
        DialogFixture saving = dialog("Save typed");
        Path lock = bench.folder().resolve("pylock.toml");
        type(saving.textBox("file"), lock.toString());
        agree(saving, "Save");
        waitForText("outcome", "Saved " + lock);
        assertTrue(Files.readString(lock).contains(TinyWheel.sha256(bench.folder().resolve("wheels/tiny-1.0-py3-none-any.whl"))));

        click("Environment", "Pack…");
        DialogFixture packing = dialog("Pack into a file");
        Path packed = bench.folder().resolve("packed ü.alcove");
        type(packing.textBox("file"), packed.toString());
        agree(packing, "Pack");
        waitForText("outcome", "Packed into " + packed);
        alcove.environments().remove("typed", false);

        click("Environment", "Unpack…");
        DialogFixture unpacking = dialog("Make an environment from a packed file");
        type(unpacking.textBox("file"), packed.toString());
        type(unpacking.textBox("name"), "unpacked");
        agree(unpacking, "Unpack");
        waitForText("outcome", "unpacked is ready");
        Eventually.becomes("listed", () -> row().contains("unpacked"));
    }

    private void create(String file, String source, String name) throws Exception {
        window.button(withText("Create…")).click();
        DialogFixture dialog = dialog("Create an environment");
        type(dialog.textBox("file"), bench.file(file, source).toString());
        Eventually.becomes("a name", () -> !dialog.textBox("name").text().isEmpty());
        type(dialog.textBox("name"), name);
        agree(dialog, "Create");
    }

    /** Without keys: where no window manager is, a window does not get the keyboard back from its dialogs. */
    private static void type(JTextComponentFixture field, String text) {
        GuiActionRunner.execute(() -> field.target().setText(text));
    }

    /** Clicks a button as soon as it can be clicked. */
    private static void agree(DialogFixture dialog, String text) throws Exception {
        Eventually.becomes(text, () -> dialog.button(withText(text)).isEnabled());
        dialog.button(withText(text)).click();
    }

    /** The buttons of jobs with this text. */
    private List<JButtonFixture> buttons(String text) {
        return GuiActionRunner.execute(() -> robot.finder().findAll(window.target(), withText(text).andShowing()).stream()
                .map(button -> new JButtonFixture(robot, button))
                .toList());
    }

    private static GenericTypeMatcher<JRadioButton> withRadioText(String text) {
        return new GenericTypeMatcher<>(JRadioButton.class, true) {
            @Override
            protected boolean isMatching(JRadioButton button) {
                return text.equals(button.getText());
            }
        };
    }

    /** The dialog of this title, as soon as it is there. */
    private DialogFixture dialog(String title) throws Exception {
        GenericTypeMatcher<JDialog> matcher = new GenericTypeMatcher<>(JDialog.class, true) {
            @Override
            protected boolean isMatching(JDialog dialog) {
                return title.equals(dialog.getTitle());
            }
        };
        Eventually.becomes(title, () -> !robot.finder().findAll(matcher).isEmpty());
        return new DialogFixture(robot, robot.finder().find(matcher));
    }

    private void click(String... path) {
        window.menuItemWithPath(path).click();
    }

    /** Waits until a text area of this name says so. */
    private void waitForText(String name, String beginning) throws Exception {
        Eventually.becomes(name + ": " + beginning, () -> GuiActionRunner.execute(() -> robot.finder()
                .findAll(new GenericTypeMatcher<>(JTextArea.class, true) {
                    @Override
                    protected boolean isMatching(JTextArea area) {
                        return name.equals(area.getName()) && area.getText().startsWith(beginning);
                    }
                })
                .size() > 0));
    }

    /** What the table of this name shows, as its user reads it; nothing while it is not to be seen. */
    private List<List<String>> rows(String name) {
        return GuiActionRunner.execute(() -> robot.finder()
                .findAll(new GenericTypeMatcher<>(JTable.class, true) {
                    @Override
                    protected boolean isMatching(JTable table) {
                        return name.equals(table.getName());
                    }
                })
                .stream()
                .flatMap(table -> Arrays.stream(new JTableFixture(robot, table).contents()).map(List::of))
                .toList());
    }

    private List<String> row() {
        return rows("environments").isEmpty() ? List.of() : rows("environments").get(0);
    }

    /** The one module of the package in the environment. */
    private Path module() throws Exception {
        try (Stream<Path> files = Files.walk(alcove.environments().show("cells").directory())) {
            return files.filter(file -> file.endsWith("site-packages"))
                    .findFirst()
                    .orElseThrow()
                    .resolve("tiny.py");
        }
    }
}
