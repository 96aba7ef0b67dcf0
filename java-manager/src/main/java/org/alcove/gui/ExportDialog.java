package org.alcove.gui;

import java.awt.Component;
import java.util.List;
import java.util.Optional;
import javax.swing.JComboBox;

/** Asks in which format an environment shall be written for another program. */
final class ExportDialog {
    private ExportDialog() {}

    /** @param isConda whether there are conda packages in it, which decides on the formats */
    static Optional<String> ask(Component owner, boolean isConda, String name) {
        List<String> formats = isConda
                ? List.of("environment.yml", "conda-lock.yml", "pixi.lock", "requirements.txt")
                : List.of("requirements.txt", "pylock.toml", "environment.yml");
        JComboBox<String> format = new JComboBox<>(formats.toArray(String[]::new));
        Question question =
                new Question(owner, Words.of("ExportDialog.title", name), Words.of("ExportDialog.export"));
        question.saying(Words.of("ExportDialog.explanation"))
                .with(new Form().field(Words.of("ExportDialog.format"), format));
        return question.ask() ? Optional.of((String) format.getSelectedItem()) : Optional.empty();
    }
}
