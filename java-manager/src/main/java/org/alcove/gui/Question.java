package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dialog;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.GraphicsEnvironment;
import java.awt.Rectangle;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.SwingUtilities;

/** A dialog that is agreed to or cancelled: by mouse, by Enter and Escape. */
final class Question {
    private final JDialog dialog;
    private final JPanel middle = new JPanel(new BorderLayout());
    private final JTextArea mistake = Labels.paragraph("", 0);
    private final JButton accept;
    private boolean isAccepted;
    private Future<?> looking;

    /** Whether it can be agreed to, and what there is to say about that; empty where that is plain to see. */
    record Verdict(boolean isAllowed, String note) {}

    /** @param acceptText what the button says that agrees, as "&amp;Create" */
    Question(Component owner, String title, String acceptText) {
        dialog = new JDialog(SwingUtilities.getWindowAncestor(owner), title, Dialog.ModalityType.DOCUMENT_MODAL);
        accept = Labels.button(acceptText, this::accept);
        JButton cancel = Labels.button(Words.of("Question.cancel"), dialog::dispose);
        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.TRAILING, 6, 0));
        buttons.add(accept);
        buttons.add(cancel);
        mistake.setName("mistake");
        mistake.setForeground(Labels.mistake(dialog.getContentPane()));
        JPanel bottom = new JPanel(new BorderLayout(12, 6));
        bottom.add(mistake, BorderLayout.CENTER);
        bottom.add(buttons, BorderLayout.EAST);
        JPanel all = new JPanel(new BorderLayout(0, 12));
        all.setBorder(BorderFactory.createEmptyBorder(12, 14, 12, 14));
        all.add(middle, BorderLayout.CENTER);
        all.add(bottom, BorderLayout.SOUTH);
        dialog.setContentPane(all);
        dialog.getRootPane().setDefaultButton(accept);
        Dialogs.closeOnEscape(dialog);
    }

    /** What it is about. */
    Question with(JComponent content) {
        middle.add(content, BorderLayout.CENTER);
        return this;
    }

    /** A sentence above what it is about. */
    Question saying(String text) {
        JTextArea paragraph = Labels.paragraph(text, 44);
        paragraph.setBorder(BorderFactory.createEmptyBorder(0, 0, 10, 0));
        middle.add(paragraph, BorderLayout.NORTH);
        return this;
    }

    /** Whether it can be agreed to now, and if not, why; empty where that is plain to see. */
    void allow(boolean allowed, String why) {
        accept.setEnabled(allowed);
        mistake.setText(FailureText.capital(why));
        mistake.setToolTipText(why.isEmpty() ? null : why);
    }

    /** Whether it can be agreed to, as a look at files says that is taken on another thread; not before it is known. */
    void allowAfter(Background background, Callable<Verdict> look) {
        if (looking != null) {
            looking.cancel(true);
        }
        accept.setEnabled(false);
        looking = background.ask(
                look,
                verdict -> allow(verdict.isAllowed(), verdict.note()),
                failure -> allow(false, failure.getMessage()));
    }

    /** Its content needs another size. */
    void fit() {
        Dimension wanted = dialog.getPreferredSize();
        Dimension has = dialog.getSize();
        if (wanted.height > has.height || wanted.width > has.width) {
            Rectangle screen = GraphicsEnvironment.getLocalGraphicsEnvironment().getMaximumWindowBounds();
            dialog.setSize(
                    Math.min(screen.width, Math.max(wanted.width, has.width)),
                    Math.min(screen.height, Math.max(wanted.height, has.height)));
        }
        dialog.validate();
    }

    /** Its content is another. */
    void refit() {
        if (dialog.isShowing()) {
            dialog.pack();
            dialog.pack();
            dialog.repaint();
        }
    }

    /** Asks, and waits for the answer. On the event thread, which goes on with what comes meanwhile. */
    boolean ask() {
        dialog.pack();
        dialog.pack(); // lines that break know how high they are once they know how wide
        dialog.setLocationRelativeTo(dialog.getOwner());
        dialog.setVisible(true);
        return isAccepted;
    }

    /** A question that is answered by yes or no, in words that say what happens. */
    static boolean confirms(Component owner, String title, String text, String acceptText) {
        Question question = new Question(owner, title, acceptText);
        question.with(new JLabel()).saying(text);
        return question.ask();
    }

    private void accept() {
        if (accept.isEnabled()) {
            isAccepted = true;
            dialog.dispose();
        }
    }
}
