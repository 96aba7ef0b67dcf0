package org.alcove.gui;

import java.awt.Component;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.swing.JCheckBox;
import javax.swing.JTextField;

/** Ask for the file that an environment is packed into, or made from. */
final class PackDialogs {
    private static final int COLUMNS = 32;

    /**
     * Where to pack to.
     *
     * @param withToolbox for a machine on which Alcove never ran
     */
    record Packing(Path file, boolean withToolbox) {}

    /**
     * What to unpack.
     *
     * @param name what to call it; null for the name that it had
     */
    record Unpacking(Path file, String name) {}

    private PackDialogs() {}

    static Optional<Packing> pack(Component owner, Background background, String name) {
        PathField file = new PathField(PathField.Kind.NEW_FILE, Words.of("PackDialogs.packTitle"));
        JCheckBox toolbox = Labels.named(new JCheckBox(), Words.of("PackDialogs.toolbox"));
        Question question = new Question(owner, Words.of("PackDialogs.packTitle"), Words.of("PackDialogs.pack"));
        Runnable check = () -> {
            Optional<Path> path = file.path();
            question.allowAfter(background, () -> path.filter(Files::exists).isPresent()
                    ? new Question.Verdict(false, Words.of("PackDialogs.exists"))
                    : new Question.Verdict(path.isPresent(), ""));
        };
        file.textField().setName("file");
        file.onChange(check);
        file.setPath(Path.of(System.getProperty("user.home"), name + ".alcove"));
        check.run();
        question.saying(Words.of("PackDialogs.packExplanation", name))
                .with(new Form().field(Words.of("PackDialogs.file"), file).under(toolbox));
        return question.ask()
                ? file.path().map(path -> new Packing(path, toolbox.isSelected()))
                : Optional.empty();
    }

    static Optional<Unpacking> unpack(Component owner, Background background) {
        PathField file = new PathField(PathField.Kind.FILE, Words.of("PackDialogs.unpackTitle"));
        JTextField name = new JTextField(COLUMNS);
        name.setName("name");
        Question question = new Question(owner, Words.of("PackDialogs.unpackTitle"), Words.of("PackDialogs.unpack"));
        Runnable check = () -> {
            String typed = name.getText().strip();
            boolean isGood = typed.isEmpty() || EnvironmentActions.isName(typed);
            Optional<Path> path = file.path();
            question.allowAfter(background, () -> new Question.Verdict(
                    isGood && path.filter(Files::isRegularFile).isPresent(),
                    isGood ? "" : Words.of("EnvironmentActions.badName")));
        };
        file.textField().setName("file");
        file.onChange(check);
        PathField.onChange(name, check);
        check.run();
        question.saying(Words.of("PackDialogs.unpackExplanation"))
                .with(new Form()
                        .field(Words.of("PackDialogs.file"), file)
                        .field(Words.of("PackDialogs.name"), name)
                        .under(Labels.paragraph(Words.of("PackDialogs.nameHint"), COLUMNS)));
        String typed = question.ask() ? name.getText().strip() : null;
        return typed == null
                ? Optional.empty()
                : file.path().map(path -> new Unpacking(path, typed.isEmpty() ? null : typed));
    }
}
