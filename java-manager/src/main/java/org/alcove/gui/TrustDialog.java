package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Font;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.swing.JButton;
import javax.swing.JDialog;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.SwingUtilities;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.catalog.TrustQuestion;

/** Asks whether an op file may run that is new, or that has changed. */
public final class TrustDialog {
    private static final int COLUMNS = 46;
    private static final int LINES_SHOWN = 16;
    private static final int MOST_BYTES = 500_000;

    private final TrustQuestion question;
    private final JDialog dialog;
    private final JTextArea content = new JTextArea(LINES_SHOWN, COLUMNS);
    private final JScrollPane contentPane = new JScrollPane(content);
    private final JButton view = Labels.button(Words.of("TrustDialog.view"), this::view);
    private boolean agreed;

    private TrustDialog(Component parent, TrustQuestion question, JDialog.ModalityType modality) {
        this.question = question;
        this.dialog = Placing.free(Words.of("TrustDialog.title"), modality);
        build();
        Placing.inFront(dialog, parent);
    }

    /**
     * Asks, and waits for the answer; on whatever thread. Who agrees has to be told so: {@code TrustedOps.trust(question)}.
     *
     * @param parent what is on the screen that it shall be on, or null
     * @return whether the user agrees that it runs
     * @throws AlcoveException {@link ErrorKind#CANCELLED} when this thread is interrupted meanwhile
     */
    public static boolean ask(Component parent, TrustQuestion question) {
        if (SwingUtilities.isEventDispatchThread()) {
            TrustDialog asking = new TrustDialog(parent, question, JDialog.ModalityType.DOCUMENT_MODAL);
            asking.dialog.setVisible(true); // until it is closed, while events go on
            return asking.agreed;
        }
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        TrustDialog asking = EventThread.ask(() -> {
            TrustDialog made = new TrustDialog(parent, question, JDialog.ModalityType.MODELESS);
            made.answerTo(answer);
            made.dialog.setVisible(true);
            return made;
        });
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AlcoveException(ErrorKind.CANCELLED, Words.of("EventThread.interrupted"), null, Map.of());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            EventThread.run(asking.dialog::dispose);
        }
    }

    private void answerTo(CompletableFuture<Boolean> answer) {
        dialog.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosed(WindowEvent event) {
                answer.complete(agreed);
            }
        });
    }

    private void build() {
        Sheet sheet = new Sheet(COLUMNS);
        String name = String.valueOf(question.file().getFileName());
        sheet.lead(question.changed() ? Words.of("TrustDialog.changed", name) : Words.of("TrustDialog.isNew", name));
        sheet.paragraph(Words.of("TrustDialog.why"));
        sheet.fact(Words.of("TrustDialog.file"), question.file().toString());
        if (!question.modules().isEmpty()) {
            sheet.fact(Words.of("TrustDialog.modules"), modules());
        }
        sheet.fact(Words.of("TrustDialog.installs"), question.dependencies().isEmpty()
                ? Words.of("TrustDialog.nothing")
                : String.join(", ", question.dependencies()));
        sheet.paragraph(question.changed() ? Words.of("TrustDialog.againChanged") : Words.of("TrustDialog.once"));
        content.setName("content");
        content.setEditable(false);
        content.setFont(new Font(Font.MONOSPACED, Font.PLAIN, content.getFont().getSize()));
        content.getAccessibleContext().setAccessibleName(Words.of("TrustDialog.content"));
        contentPane.setVisible(false);
        JPanel body = new JPanel(new BorderLayout(0, Sheet.GAP));
        body.add(sheet, BorderLayout.NORTH);
        body.add(contentPane, BorderLayout.CENTER);
        JButton no = Labels.button(Words.of("TrustDialog.no"), dialog::dispose);
        dialog.setContentPane(Sheet.page(body, view, Labels.button(Words.of("TrustDialog.yes"), this::agree), no));
        Dialogs.closeOnEscape(dialog);
        // Who only presses Enter has not agreed to anything.
        dialog.getRootPane().setDefaultButton(no);
        dialog.pack();
        SwingUtilities.invokeLater(no::requestFocusInWindow);
    }

    /** Beside the op file by their names; elsewhere with their folders. */
    private String modules() {
        Path folder = question.file().getParent();
        List<String> names = new ArrayList<>();
        for (Path module : question.modules()) {
            names.add(folder != null && module.startsWith(folder) ? folder.relativize(module).toString() : module.toString());
        }
        return String.join(", ", names);
    }

    private void agree() {
        agreed = true;
        dialog.dispose();
    }

    private void view() {
        view.setEnabled(false);
        EventThread.aside(() -> {
            String text = content();
            EventThread.run(() -> {
                content.setText(text);
                content.setCaretPosition(0);
                contentPane.setVisible(true);
                dialog.pack();
            });
        });
    }

    private String content() {
        StringBuilder text = new StringBuilder(content(question.file()));
        for (Path module : question.modules()) {
            text.append("\n\n# ").append(module.getFileName()).append("\n\n").append(content(module));
        }
        return text.toString();
    }

    private static String content(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String text = new String(bytes, 0, Math.min(bytes.length, MOST_BYTES), StandardCharsets.UTF_8);
            return bytes.length > MOST_BYTES ? text + "\n" + Words.of("TrustDialog.more") : text;
        } catch (IOException e) {
            return Words.of("TrustDialog.unreadable", String.valueOf(e.getMessage()));
        }
    }
}
