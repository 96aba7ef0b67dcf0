package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Font;
import java.awt.event.KeyEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.KeyStroke;
import javax.swing.SwingUtilities;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Progress;

/** The question before the first download, its progress, and what became of it. It lives on the event thread. */
final class FirstRunDialog {
    private static final int COLUMNS = 48;
    private static final int GAP = 12;

    /** What makes the toolbox; an interrupt ends it. */
    interface Work {
        void run(Consumer<Progress> listener);
    }

    private final Work work;
    private final CompletableFuture<Boolean> answer;
    private final JDialog dialog;
    private final Component parent;
    private final JComponent question;
    private final JComponent progressPage;
    private final JComponent failurePage;
    private final ProgressView progress = new ProgressView();
    private final JTextArea message = Labels.paragraph("", COLUMNS);
    private final JTextArea hint = Labels.paragraph("", COLUMNS);
    private final JButton download = Labels.button(Words.of("FirstRun.yes"), this::begin);
    private final JButton cancel = Labels.button(Words.of("FirstRun.cancel"), this::cancel);
    private final JButton retry = Labels.button(Words.of("FirstRun.retry"), this::begin);
    private AlcoveException failure;
    private Thread working;

    FirstRunDialog(Component parent, FirstRunText text, Work work, CompletableFuture<Boolean> answer) {
        this.work = work;
        this.answer = answer;
        this.parent = parent;
        this.dialog = Placing.free(Words.of("FirstRun.title"), JDialog.ModalityType.MODELESS);
        this.question = question(text);
        this.progressPage = progressPage();
        this.failurePage = failurePage();
        dialog.setDefaultCloseOperation(JDialog.DO_NOTHING_ON_CLOSE);
        dialog.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                cancel();
            }

            @Override
            public void windowClosed(WindowEvent event) {
                answer.complete(false); // a program that closes all its windows closes this one, too
            }
        });
        dialog.getRootPane().registerKeyboardAction(
                event -> cancel(), KeyStroke.getKeyStroke(KeyEvent.VK_ESCAPE, 0), JComponent.WHEN_IN_FOCUSED_WINDOW);
    }

    void show() {
        turnTo(question, download);
        Placing.inFront(dialog, parent);
        dialog.setVisible(true);
    }

    void close() {
        if (working != null) {
            working.interrupt();
        }
        dialog.dispose();
    }

    private void turnTo(JComponent page, JButton first) {
        dialog.setContentPane(page);
        dialog.getRootPane().setDefaultButton(first);
        dialog.pack();
        SwingUtilities.invokeLater(first::requestFocusInWindow);
    }

    private void begin() {
        progress.reset(Words.of("FirstRun.starting"));
        cancel.setEnabled(true);
        turnTo(progressPage, cancel);
        working = EventThread.aside(() -> {
            try {
                work.run(report -> EventThread.run(() -> progress.show(report)));
                answer.complete(true);
            } catch (AlcoveException e) {
                EventThread.run(() -> failed(e));
            }
        });
    }

    /** No, or no longer. */
    private void cancel() {
        if (working == null) {
            answer.complete(false);
        } else {
            cancel.setEnabled(false);
            progress.headline(Words.of("FirstRun.cancelling"));
            working.interrupt();
        }
    }

    private void failed(AlcoveException why) {
        working = null;
        if (why.kind() == ErrorKind.CANCELLED) {
            answer.complete(false);
            return;
        }
        failure = why;
        message.setText(FailureText.sentence(why.getMessage()));
        hint.setText(why.hint().map(text -> Words.of("FailureText.hint") + " " + text).orElse(""));
        for (JTextArea area : new JTextArea[] {message, hint}) {
            area.setSize(area.getPreferredSize().width, Short.MAX_VALUE);
        }
        turnTo(failurePage, retry);
    }

    private JComponent question(FirstRunText text) {
        Sheet sheet = new Sheet(COLUMNS);
        sheet.lead(Words.of("FirstRun.what"));
        sheet.paragraph(Words.of("FirstRun.why"));
        text.facts().forEach(sheet::fact);
        sheet.paragraph(text.next());
        sheet.paragraph(Words.of("FirstRun.elsewhere"));
        if (!text.warning().isEmpty()) {
            sheet.warning(text.warning());
        }
        return Sheet.page(sheet, download, Labels.button(Words.of("FirstRun.no"), this::cancel));
    }

    private JComponent progressPage() {
        JPanel body = new JPanel(new BorderLayout());
        body.add(progress, BorderLayout.CENTER);
        body.add(Box.createHorizontalStrut(message.getPreferredSize().width), BorderLayout.SOUTH);
        return Sheet.page(body, cancel);
    }

    private JComponent failurePage() {
        JPanel body = new JPanel(new BorderLayout(0, GAP));
        message.setName("message");
        message.setFont(message.getFont().deriveFont(Font.BOLD));
        body.add(message, BorderLayout.NORTH);
        body.add(hint, BorderLayout.CENTER);
        JButton details = Labels.button(
                Words.of("FirstRun.details"), () -> FailureWindow.show(dialog, failure, null, null, dialog.getTitle()));
        return Sheet.page(body, retry, details, Labels.button(Words.of("FirstRun.close"), () -> answer.complete(false)));
    }
}
