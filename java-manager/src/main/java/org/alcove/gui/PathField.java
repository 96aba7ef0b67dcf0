package org.alcove.gui;

import java.awt.BorderLayout;
import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import javax.swing.JButton;
import javax.swing.JFileChooser;
import javax.swing.JPanel;
import javax.swing.JTextField;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;
import javax.swing.text.JTextComponent;

/** A path to be typed, or chosen by looking around. */
final class PathField extends JPanel {
    private static final int COLUMNS = 32;

    /** What the path is of. */
    enum Kind {
        /** A file that is there. */
        FILE,
        /** A file that shall be written. */
        NEW_FILE,
        FOLDER
    }

    private final Kind kind;
    private final String chooserTitle;
    private final JTextField text = new JTextField(COLUMNS);

    PathField(Kind kind, String chooserTitle) {
        super(new BorderLayout(6, 0));
        this.kind = kind;
        this.chooserTitle = chooserTitle;
        JButton browse = Labels.button(Words.of("PathField.browse"), this::browse);
        browse.getAccessibleContext().setAccessibleDescription(chooserTitle);
        add(text, BorderLayout.CENTER);
        add(browse, BorderLayout.EAST);
        setOpaque(false);
    }

    /** What a label has to be for. */
    JTextField textField() {
        return text;
    }

    /** The path, absolute; empty when nothing is typed, or nothing that can be a path. */
    Optional<Path> path() {
        String typed = text.getText().strip();
        try {
            return typed.isEmpty() ? Optional.empty() : Optional.of(Path.of(typed).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    void setPath(Path path) {
        text.setText(path.toString());
    }

    /** Calls it whenever something else is typed or chosen. */
    void onChange(Runnable listener) {
        onChange(text, listener);
    }

    /** Calls it whenever the text of a field changes. */
    static void onChange(JTextComponent field, Runnable listener) {
        field.getDocument().addDocumentListener(new DocumentListener() {
            @Override
            public void insertUpdate(DocumentEvent event) {
                listener.run();
            }

            @Override
            public void removeUpdate(DocumentEvent event) {
                listener.run();
            }

            @Override
            public void changedUpdate(DocumentEvent event) {}
        });
    }

    private void browse() {
        JFileChooser chooser = new JFileChooser(path().map(Path::toFile).map(PathField::folderOf).orElse(null));
        chooser.setDialogTitle(chooserTitle);
        chooser.setFileSelectionMode(kind == Kind.FOLDER ? JFileChooser.DIRECTORIES_ONLY : JFileChooser.FILES_ONLY);
        path().filter(path -> kind == Kind.NEW_FILE).map(Path::toFile).ifPresent(chooser::setSelectedFile);
        int answer = kind == Kind.NEW_FILE ? chooser.showSaveDialog(this) : chooser.showOpenDialog(this);
        if (answer == JFileChooser.APPROVE_OPTION) {
            setPath(chooser.getSelectedFile().toPath());
        }
    }

    private static File folderOf(File path) {
        return path.isDirectory() ? path : path.getParentFile();
    }
}
