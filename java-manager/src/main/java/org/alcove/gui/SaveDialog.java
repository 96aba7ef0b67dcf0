package org.alcove.gui;

import java.awt.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/** Asks where a file shall be written. */
final class SaveDialog {
    private SaveDialog() {}

    /** Asks; empty when it shall not be written. */
    static Optional<Path> ask(Component owner, Background background, String title, String text, Path proposed) {
        PathField file = new PathField(PathField.Kind.NEW_FILE, title);
        file.textField().setName("file");
        file.setPath(proposed);
        Question question = new Question(owner, title, Words.of("SaveDialog.save"));
        Runnable check = () -> {
            Optional<Path> path = file.path();
            question.allowAfter(background, () -> verdict(path));
        };
        file.onChange(check);
        check.run();
        question.saying(text).with(new Form().field(Words.of("SaveDialog.file"), file));
        return question.ask() ? file.path() : Optional.empty();
    }

    private static Question.Verdict verdict(Optional<Path> path) {
        if (path.isEmpty()) {
            return new Question.Verdict(false, "");
        }
        if (path.filter(Files::isDirectory).isPresent()) {
            return new Question.Verdict(false, Words.of("SaveDialog.isFolder"));
        }
        return path.map(Path::getParent).filter(Files::isDirectory).isEmpty()
                ? new Question.Verdict(false, Words.of("SaveDialog.noFolder"))
                : new Question.Verdict(true, Files.exists(path.get()) ? Words.of("SaveDialog.replaces") : "");
    }

    /** Writes it whole, or leaves what was there. */
    static void write(Path file, String text) {
        Path part = null;
        try {
            part = Files.createTempFile(file.getParent(), ".alcove", ".part");
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (part != null) {
                part.toFile().delete();
            }
            throw new AlcoveException(
                    ErrorKind.FILE_FAILED,
                    Words.of("SaveDialog.failed", file, e.getMessage()),
                    Words.of("SaveDialog.hint"),
                    Map.of());
        }
    }
}
