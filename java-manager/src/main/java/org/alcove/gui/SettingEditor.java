package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.Font;
import java.util.Optional;
import java.util.function.BiConsumer;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComboBox;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import org.alcove.EnvironmentSetting;

/** The setting that is selected: what it is for, its value to be changed, or why that cannot be done here. */
final class SettingEditor extends JPanel {
    private static final int COLUMNS = 60;
    private static final int FIELD_COLUMNS = 36;

    private final BiConsumer<EnvironmentSetting, String> change;
    private final JLabel name = new JLabel(" ");
    private final JTextArea description = Labels.paragraph(" ", COLUMNS);
    private final JTextArea note = Labels.paragraph(" ", COLUMNS);
    private final JPanel place = new JPanel(new FlowLayout(FlowLayout.LEADING, 0, 0));
    private final JTextField field = new JTextField(FIELD_COLUMNS);
    private final JComboBox<String> choice = new JComboBox<>();
    private final JButton save = Labels.button(Words.of("SettingEditor.save"), this::save);
    private final JButton reset = Labels.button(Words.of("SettingEditor.reset"), () -> give(null));
    private EnvironmentSetting shown;

    /** @param change is told of the setting and its new text, which is null for the default */
    SettingEditor(BiConsumer<EnvironmentSetting, String> change) {
        super(new BorderLayout(0, 8));
        this.change = change;
        name.setFont(name.getFont().deriveFont(Font.BOLD));
        note.setName("note");
        field.setName("value");
        choice.setName("choice");
        field.addActionListener(event -> save());
        PathField.onChange(field, this::enableButtons);
        choice.addActionListener(event -> enableButtons());
        field.getAccessibleContext().setAccessibleName(Words.of("SettingTableModel.value"));
        choice.getAccessibleContext().setAccessibleName(Words.of("SettingTableModel.value"));
        // As high as what stands in it now and then, so that nothing moves when another setting is selected.
        place.setPreferredSize(new Dimension(
                field.getPreferredSize().width,
                Math.max(save.getPreferredSize().height, field.getPreferredSize().height) + 2));
        JPanel head = new JPanel(new BorderLayout(0, 4));
        head.add(name, BorderLayout.NORTH);
        head.add(description, BorderLayout.CENTER);
        setBorder(BorderFactory.createEmptyBorder(Sheet.GAP, Sheet.GAP, Sheet.GAP, Sheet.GAP));
        add(head, BorderLayout.NORTH);
        add(place, BorderLayout.CENTER);
        add(note, BorderLayout.SOUTH);
        show(Optional.empty());
    }

    /** Shows another one, or the same as it is now. What was typed goes only when that has changed. */
    void show(Optional<EnvironmentSetting> setting) {
        EnvironmentSetting next = setting.orElse(null);
        if (next != null && next.equals(shown)) {
            return;
        }
        shown = next;
        place.removeAll();
        if (next == null) {
            name.setText(" ");
            description.setText(Words.of("SettingEditor.select"));
            note.setText(" ");
        } else {
            name.setText(SettingTableModel.name(next));
            description.setText(FailureText.capital(next.description()));
            note.setText(note(next));
            arrange(next);
        }
        enableButtons();
        revalidate();
        repaint();
    }

    private void arrange(EnvironmentSetting setting) {
        if (setting.isVariable()) {
            return;
        }
        JComponent editor = field;
        if (setting.choices().isEmpty()) {
            field.setText(setting.valueText());
            field.setCaretPosition(0);
        } else {
            editor = choice;
            choice.removeAllItems();
            setting.choices().forEach(choice::addItem);
            choice.setSelectedItem(setting.valueText());
        }
        place.add(editor);
        place.add(Box.createHorizontalStrut(Sheet.GAP / 2));
        place.add(save);
        place.add(Box.createHorizontalStrut(Sheet.GAP / 2));
        place.add(reset);
    }

    private static String note(EnvironmentSetting setting) {
        if (setting.name().isEmpty()) {
            return Words.of("SettingEditor.variableOnly", setting.variable());
        }
        return setting.isVariable()
                ? Words.of("SettingEditor.ruledByVariable", setting.source())
                : Words.of("SettingEditor.example", setting.example());
    }

    /** Says what came of a change. */
    void say(String text) {
        note.setText(text);
    }

    private String typed() {
        return shown.choices().isEmpty() ? field.getText().strip() : String.valueOf(choice.getSelectedItem());
    }

    private void enableButtons() {
        boolean canChange = shown != null && !shown.isVariable();
        save.setEnabled(canChange && !typed().equals(shown.valueText()));
        reset.setEnabled(canChange && !SettingTableModel.isDefault(shown));
    }

    private void save() {
        if (save.isEnabled()) {
            give(typed());
        }
    }

    private void give(String text) {
        save.setEnabled(false);
        reset.setEnabled(false);
        change.accept(shown, text);
    }

    /** After a change that was refused: it can be tried again. */
    void refused(String why) {
        say(why);
        enableButtons();
    }
}
