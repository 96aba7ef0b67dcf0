package org.alcove.gui;

import java.awt.Dimension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.swing.JFrame;
import org.alcove.Alcove;
import org.alcove.Eventually;
import org.alcove.TestToolbox;
import org.assertj.swing.core.BasicRobot;
import org.assertj.swing.core.Robot;
import org.assertj.swing.data.TableCell;
import org.assertj.swing.fixture.FrameFixture;
import org.assertj.swing.fixture.JTableFixture;

/** Changes settings by clicks, in a program whose variables say where they are; for {@link SettingsPageTest}. */
public final class SettingsProgram {
    private SettingsProgram() {}

    public static void main(String[] arguments) throws Exception {
        Path settings = Path.of(System.getenv("ALCOVE_SETTINGS"));
        Robot robot = BasicRobot.robotWithNewAwtHierarchy();
        try (Alcove alcove = Alcove.open(TestToolbox.settings(Path.of(arguments[0])))) {
            SettingsPage page = EventThread.ask(() -> new SettingsPage(alcove));
            FrameFixture window = show(robot, page);
            Eventually.becomes("the settings", () -> SwingTree.isShowing(window.target(), "settings"));
            change(window, settings);
            EventThread.ask(() -> {
                page.close();
                return null;
            });
        } finally {
            robot.cleanUp();
        }
        System.exit(0);
    }

    private static void change(FrameFixture window, Path settings) throws Exception {
        JTableFixture table = window.table("settings");

        select(table, "retries");
        window.textBox("value").requireText("3").setText("many");
        SwingTree.press(window.target(), "Save");
        Eventually.becomes("refused", () -> window.textBox("note").text().contains("must be a whole number"));
        window.textBox("value").setText("7");
        SwingTree.press(window.target(), "Save");
        Eventually.becomes("saved", () -> window.textBox("note").text().startsWith("Saved in "));
        System.out.println("retries " + value(table, "retries") + " in " + text(settings));

        SwingTree.press(window.target(), "Use Default");
        Eventually.becomes("the default", () -> value(table, "retries").equals("3"));
        System.out.println("retries " + value(table, "retries") + " in " + text(settings));

        select(table, "offline");
        window.comboBox("choice").selectItem("true");
        SwingTree.press(window.target(), "Save");
        Eventually.becomes("offline", () -> value(table, "offline").equals("true"));
        System.out.println("offline in " + text(settings));

        select(table, "timeout");
        System.out.println("timeout " + value(table, "timeout") + ": " + window.textBox("note").text());
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file).strip().replace("\n", " | ");
    }

    private static FrameFixture show(Robot robot, SettingsPage page) {
        JFrame frame = EventThread.ask(() -> {
            JFrame made = new JFrame("settings");
            made.add(page.component());
            return made;
        });
        FrameFixture window = new FrameFixture(robot, frame);
        window.show(new Dimension(900, 600));
        EventThread.run(page::shown);
        return window;
    }

    private static void select(JTableFixture table, String name) {
        table.selectRows(row(table, name));
    }

    private static String value(JTableFixture table, String name) {
        return table.valueAt(TableCell.row(row(table, name)).column(SettingTableModel.VALUE));
    }

    private static int row(JTableFixture table, String name) {
        return EventThread.ask(() -> {
            for (int row = 0; row < table.target().getRowCount(); row++) {
                if (name.equals(table.target().getValueAt(row, SettingTableModel.NAME))) {
                    return row;
                }
            }
            throw new AssertionError("no setting " + name);
        });
    }
}
