package org.alcove.gui;

import java.awt.Component;
import java.util.List;
import java.util.Optional;
import javax.swing.JTextField;
import org.alcove.EnvironmentInfo;

/** Asks for the new name of an environment. */
final class RenameDialog {
    private static final int COLUMNS = 28;

    private RenameDialog() {}

    static Optional<String> ask(Component owner, String name, List<EnvironmentInfo> others) {
        JTextField field = new JTextField(name, COLUMNS);
        field.setName("newName");
        field.selectAll();
        Question question = new Question(owner, Words.of("RenameDialog.title", name), Words.of("RenameDialog.rename"));
        Runnable check = () -> {
            String typed = field.getText().strip();
            boolean isTaken = !typed.equals(name) && others.stream().anyMatch(each -> each.name().equals(typed));
            boolean isBad = !typed.isEmpty() && !EnvironmentActions.isName(typed);
            question.allow(
                    !typed.isEmpty() && !typed.equals(name) && !isTaken && !isBad,
                    isBad ? Words.of("EnvironmentActions.badName") : isTaken ? Words.of("RenameDialog.taken", typed) : "");
        };
        PathField.onChange(field, check);
        check.run();
        question.with(new Form().field(Words.of("RenameDialog.newName"), field));
        return question.ask() ? Optional.of(field.getText().strip()) : Optional.empty();
    }
}
