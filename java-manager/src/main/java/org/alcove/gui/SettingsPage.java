package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.CardLayout;
import java.awt.GridBagLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTable;
import javax.swing.JTextArea;
import javax.swing.ListSelectionModel;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSetting;
import org.alcove.Settings;

/** The settings of networks, channels and caches: what holds, what set it, and changing it. */
final class SettingsPage implements Page {
    private static final String LIST = "list";
    private static final String WORD = "word";
    private static final int[] LETTERS = {28, 36, 32};

    private final Alcove alcove;
    private final Background lookups = new Background("alcove-gui-settings");
    private final SettingTableModel model;
    private final JTable table;
    private final SettingEditor editor = new SettingEditor(this::change);
    private final JTextArea word = Labels.paragraph("", 48);
    private final JButton way = new JButton();
    private final CardLayout cards = new CardLayout();
    private final JPanel all = new JPanel(cards);
    private Runnable wayOut = () -> {};

    SettingsPage(Alcove alcove) {
        this.alcove = alcove;
        this.model = new SettingTableModel(Map.of(
                "ALCOVE_DATA_DIR", alcove.dataDirectory().toString(),
                "ALCOVE_SETTINGS", Settings.configurationDirectory().resolve("settings.toml").toString()));
        this.table = new JTable(model);
        table.setName("settings");
        table.getAccessibleContext().setAccessibleName(Words.of("SettingsPage.table"));
        table.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
        table.setShowVerticalLines(false);
        table.getTableHeader().setReorderingAllowed(false);
        Dialogs.roomy(table);
        table.getSelectionModel().addListSelectionListener(event -> editor.show(selected()));
        int letter = table.getFontMetrics(table.getFont()).charWidth('n');
        for (int column = 0; column < LETTERS.length; column++) {
            table.getColumnModel().getColumn(column).setPreferredWidth(LETTERS[column] * letter);
        }
        JPanel list = new JPanel(new BorderLayout());
        list.add(new JScrollPane(table), BorderLayout.CENTER);
        list.add(editor, BorderLayout.SOUTH);
        all.add(list, LIST);
        all.add(wordPage(), WORD);
        way.addActionListener(event -> wayOut.run());
        say(Words.of("SettingsPage.looking"), "", () -> {});
    }

    private JComponent wordPage() {
        word.setName("word");
        JPanel column = new JPanel(new BorderLayout(0, Sheet.GAP));
        column.add(word, BorderLayout.CENTER);
        Box row = Box.createHorizontalBox();
        row.add(way);
        column.add(row, BorderLayout.SOUTH);
        JPanel page = new JPanel(new GridBagLayout());
        page.add(column);
        return page;
    }

    @Override
    public String title() {
        return Words.of("SettingsPage.title");
    }

    @Override
    public JComponent component() {
        return all;
    }

    @Override
    public void shown() {
        lookups.ask(this::settings, this::show, this::fail);
    }

    @Override
    public void close() {
        lookups.close();
    }

    /** Nothing when there is no toolbox, which reads them: to ask it would download it. */
    private Optional<List<EnvironmentSetting>> settings() {
        return alcove.isPrepared() ? Optional.of(alcove.environments().settings()) : Optional.empty();
    }

    private void show(Optional<List<EnvironmentSetting>> settings) {
        if (settings.isEmpty()) {
            say(Words.of("SettingsPage.noToolbox"), Words.of("SettingsPage.prepare"), this::prepare);
            return;
        }
        int row = table.getSelectedRow();
        model.show(settings.get());
        if (row >= 0 && row < model.getRowCount()) {
            table.getSelectionModel().setSelectionInterval(row, row);
        }
        editor.show(selected());
        cards.show(all, LIST);
    }

    /** A file with mistakes: all of them are told. */
    private void fail(AlcoveException failure) {
        String hint = failure.hint().map(text -> "\n" + Words.of("FailureText.hint") + " " + text).orElse("");
        say(failure.getMessage() + hint, Words.of("SettingsPage.details"), () ->
                FailureWindow.show(all, failure, null, null, Words.of("SettingsPage.wrong")));
    }

    private void say(String text, String button, Runnable what) {
        word.setText(text);
        wayOut = what;
        way.setVisible(!button.isEmpty());
        Labels.named(way, button);
        cards.show(all, WORD);
    }

    private void prepare() {
        EventThread.aside(() -> {
            if (FirstRun.prepare(all, alcove)) {
                EventThread.run(this::shown);
            }
        });
    }

    private Optional<EnvironmentSetting> selected() {
        int row = table.getSelectedRow();
        return row < 0 ? Optional.empty() : Optional.of(model.at(row));
    }

    private void change(EnvironmentSetting setting, String text) {
        lookups.ask(
                () -> new Changed(alcove.environments().set(setting.name(), text).toString(), settings()),
                changed -> {
                    show(changed.settings());
                    editor.say(Words.of("SettingsPage.saved", changed.file()));
                },
                failure -> editor.refused(FailureText.sentence(failure.getMessage())
                        + failure.hint().map(hint -> "\n" + hint).orElse("")));
    }

    private record Changed(String file, Optional<List<EnvironmentSetting>> settings) {}
}
