package org.alcove.gui;

import java.awt.Component;
import java.nio.file.Path;
import java.util.Optional;
import org.alcove.EnvironmentSpec;

/** Asks for a file that says what an environment shall hold. */
final class OpenDialog {
    private OpenDialog() {}

    static Optional<Path> ask(Component owner, Background background, String title, String text) {
        PathField file = new PathField(PathField.Kind.FILE, title);
        Question question = new Question(owner, title, Words.of("OpenDialog.look"));
        Runnable check = () -> {
            Optional<Path> path = file.path();
            question.allowAfter(background, () -> {
                path.ifPresent(EnvironmentSpec::fromFile);
                return new Question.Verdict(path.isPresent(), "");
            });
        };
        file.textField().setName("file");
        file.onChange(check);
        check.run();
        question.saying(text).with(new Form().field(Words.of("OpenDialog.file"), file));
        return question.ask() ? file.path() : Optional.empty();
    }
}
