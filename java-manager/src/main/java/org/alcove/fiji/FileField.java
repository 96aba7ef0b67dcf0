package org.alcove.fiji;

import ij.gui.GenericDialog;
import ij.plugin.frame.Recorder;
import java.awt.TextField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.alcove.Parameter;

/** A file or folder: its path, or for an op that takes bytes what is in it. */
final class FileField extends Field {
    private final Parameter parameter;

    FileField(String key, Parameter parameter) {
        super(key, label(parameter));
        this.parameter = parameter;
    }

    @Override
    String initial() {
        return parameter.required() || isContent() ? "" : Texts.of(parameter.defaultValue());
    }

    @Override
    Object parse(String text) {
        if (!parameter.required() && text.equals(initial())) {
            return parameter.defaultValue();
        }
        if (isNone(parameter, text)) {
            return null;
        }
        if (text.isBlank()) {
            throw Refusal.of(Words.of("Field.missing", label()), Words.of("FileField.hint", key()));
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Refusal.of(Words.of("FileField.noPath", label(), text), Words.of("FileField.hint", key()));
        }
    }

    /** What is in the file, where that is what the op takes; not read before it is wanted. */
    @Override
    Object finish(Object value) {
        return isContent() && value instanceof Path file ? content(file) : value;
    }

    private boolean isContent() {
        return parameter.type().equals("bytes");
    }

    private byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw Refusal.of(Words.of("FileField.unreadable", label(), file.toString()), Words.of("FileField.hint", key()));
        }
    }

    /** Slashes, which macros on Windows take too, where a backslash would have to be doubled. */
    @Override
    String encode(String text) {
        return super.encode(Recorder.fixPath(text));
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        if (isFolder()) {
            dialog.addDirectoryField(key(), text);
        } else {
            dialog.addFileField(key(), text);
        }
        dialog.getLabel().setText(caption());
        TextField field = (TextField) dialog.getStringFields().lastElement();
        field.setName(key());
        field.setText(text); // ImageJ ends folders with a slash
        return field::getText;
    }

    /** A path says nothing of itself but by its name. */
    private boolean isFolder() {
        return parameter.name().matches("(?i).*(folder|directory|dir)");
    }
}
