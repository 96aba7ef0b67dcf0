package org.alcove.fiji;

import ij.IJ;
import ij.WindowManager;
import ij.plugin.frame.Editor;
import java.awt.Frame;
import java.awt.TextArea;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens op files for their authors, in ImageJ's editor; Fiji opens its own instead. */
final class FileOpener {
    private FileOpener() {}

    /**
     * Shows a file with a line of it selected.
     *
     * @param line from 1, or 0 for none
     */
    static void open(Path file, int line) {
        if (!Files.isRegularFile(file)) {
            IJ.error(Words.of("Commands.title"), Words.of("FileOpener.gone", file));
            return;
        }
        Editor editor = openEditor(file);
        if (editor == null) {
            editor = new Editor();
            editor.open(file.toAbsolutePath().getParent() + File.separator, file.getFileName().toString());
        }
        TextArea text = editor.getTextArea();
        if (text != null && line > 0) {
            select(text, line);
        }
        editor.toFront();
    }

    /** One that shows the file already, as it is. */
    private static Editor openEditor(Path file) {
        Frame[] frames = WindowManager.getNonImageWindows();
        for (Frame frame : frames == null ? new Frame[0] : frames) {
            if (frame instanceof Editor editor
                    && file.getFileName().toString().equals(editor.getTitle())
                    && editor.getText().strip().equals(text(file).strip())) {
                return editor;
            }
        }
        return null;
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), Charset.defaultCharset()).replace("\r\n", "\n"); // as the editor does
        } catch (IOException e) {
            return "";
        }
    }

    private static void select(TextArea text, int line) {
        String content = text.getText();
        int start = 0;
        for (int i = 1; i < line && content.indexOf('\n', start) >= 0; i++) {
            start = content.indexOf('\n', start) + 1;
        }
        int end = content.indexOf('\n', start);
        text.select(start, end < 0 ? content.length() : end);
        text.requestFocus();
    }
}
