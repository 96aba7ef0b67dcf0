package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import java.awt.Toolkit;
import java.awt.datatransfer.StringSelection;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JFileChooser;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.SwingUtilities;
import javax.swing.UIManager;
import org.alcove.AlcoveException;
import org.alcove.Doctor;

/** The window of one failure. All of it lives on the event thread. */
final class FailureFrame {
    private static final int COLUMNS = 46;
    private static final int GAP = 12;
    private static final int CASCADE = 28;
    private static final int MOST_TEXT_HEIGHT = 260;

    private final FailureDetails details;
    private final FailureWindow.Opener opener;
    private final JDialog dialog;
    private final Component parent;
    private final JTextArea detailsArea = new JTextArea(16, COLUMNS);
    private final JScrollPane detailsPane = new JScrollPane(detailsArea);
    private final JLabel status = new JLabel(" ");
    private final JLabel counts = new JLabel();
    private final JButton toggle = Labels.button(Words.of("FailureWindow.showDetails"), this::toggle);
    private final String title;
    private int times = 1;
    private int others;

    FailureFrame(Component parent, String title, FailureDetails details, FailureWindow.Opener opener) {
        this.title = title;
        this.details = details;
        this.opener = opener;
        this.parent = parent;
        this.dialog = Placing.free(title, JDialog.ModalityType.MODELESS);
        build();
    }

    void show(int before) {
        dialog.pack();
        dialog.setMinimumSize(new Dimension(dialog.getWidth(), dialog.getHeight()));
        Placing.inFront(dialog, parent);
        dialog.setLocation(dialog.getX() + before * CASCADE, dialog.getY() + before * CASCADE);
        dialog.setVisible(true);
    }

    void onClosed(Runnable listener) {
        dialog.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosed(WindowEvent event) {
                listener.run();
            }
        });
    }

    /** Whether another failure would look the same. */
    boolean isSame(String otherTitle, FailureText other) {
        FailureText text = details.text();
        return title.equals(otherTitle) && text.where().equals(other.where()) && text.message().equals(other.message());
    }

    /** The same has happened once more. */
    void again() {
        times++;
        showCounts();
    }

    /** Something else has failed, and there are too many windows already. */
    void another() {
        others++;
        showCounts();
    }

    private void showCounts() {
        List<String> parts = new ArrayList<>();
        if (times > 1) {
            parts.add(Words.of("FailureWindow.times", times));
        }
        if (others > 0) {
            parts.add(Words.of("FailureWindow.others", others));
        }
        counts.setText(String.join(" ", parts));
        counts.setVisible(true);
        refit();
    }

    private void build() {
        Dialogs.closeOnEscape(dialog);
        JPanel content = new JPanel(new BorderLayout(GAP, GAP));
        content.setBorder(BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP));
        content.add(head(), BorderLayout.NORTH);
        content.add(detailsPane(), BorderLayout.CENTER);
        content.add(foot(), BorderLayout.SOUTH);
        dialog.setContentPane(content);
    }

    private JComponent head() {
        FailureText text = details.text();
        JPanel texts = new JPanel(new GridBagLayout());
        GridBagConstraints row = new GridBagConstraints();
        row.gridx = 0;
        row.weightx = 1;
        row.fill = GridBagConstraints.HORIZONTAL;
        if (!text.where().isEmpty()) {
            texts.add(paragraph("where", text.where(), Font.BOLD), row);
            row.insets = new Insets(6, 0, 0, 0);
        }
        texts.add(paragraph("message", text.message(), text.where().isEmpty() ? Font.BOLD : Font.PLAIN), row);
        row.insets = new Insets(GAP, 0, 0, 0);
        if (!text.hint().isEmpty()) {
            texts.add(paragraph("hint", Words.of("FailureText.hint") + " " + text.hint(), Font.PLAIN), row);
        }
        counts.setName("counts");
        counts.setVisible(false);
        texts.add(counts, row);
        JPanel head = new JPanel(new BorderLayout(GAP, 0));
        JLabel icon = new JLabel(UIManager.getIcon("OptionPane.errorIcon"));
        icon.setVerticalAlignment(JLabel.TOP);
        head.add(icon, BorderLayout.WEST);
        head.add(limited(texts), BorderLayout.CENTER);
        return head;
    }

    /** Scrolls what would be taller than a window should be. */
    private static JComponent limited(JPanel texts) {
        if (texts.getPreferredSize().height <= MOST_TEXT_HEIGHT) {
            return texts;
        }
        JScrollPane pane = new JScrollPane(
                texts, JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED, JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        pane.setBorder(null);
        pane.setPreferredSize(new Dimension(texts.getPreferredSize().width + 24, MOST_TEXT_HEIGHT));
        SwingUtilities.invokeLater(() -> pane.getVerticalScrollBar().setValue(0));
        return pane;
    }

    /** To be read and selected; the key Tab goes past it. */
    private static JTextArea paragraph(String name, String text, int style) {
        JTextArea area = Labels.paragraph(text, COLUMNS);
        area.setName(name);
        area.setFont(area.getFont().deriveFont(style));
        area.setFocusable(true);
        area.setFocusTraversalKeys(java.awt.KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null);
        area.setFocusTraversalKeys(java.awt.KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null);
        // The height that its lines need at that width is not known before it has one.
        area.setSize(area.getPreferredSize().width, Short.MAX_VALUE);
        return area;
    }

    private JComponent detailsPane() {
        detailsArea.setName("details");
        detailsArea.setEditable(false);
        detailsArea.setFont(new Font(Font.MONOSPACED, Font.PLAIN, detailsArea.getFont().getSize()));
        detailsArea.getAccessibleContext().setAccessibleName(Words.of("FailureWindow.details"));
        detailsPane.setVisible(false);
        return detailsPane;
    }

    private JComponent foot() {
        Box buttons = Box.createHorizontalBox();
        buttons.add(toggle);
        buttons.add(Box.createHorizontalStrut(2 * GAP));
        buttons.add(Box.createHorizontalGlue());
        buttons.add(Labels.button(Words.of("FailureWindow.copy"), this::copy));
        if (details.text().place() != null) {
            buttons.add(Box.createHorizontalStrut(GAP / 2));
            buttons.add(Labels.button(Words.of("FailureWindow.open"), this::openFile));
        }
        buttons.add(Box.createHorizontalStrut(GAP / 2));
        buttons.add(Labels.button(Words.of("FailureWindow.save"), this::chooseReport));
        buttons.add(Box.createHorizontalStrut(GAP / 2));
        JButton close = Labels.button(Words.of("FailureWindow.close"), dialog::dispose);
        buttons.add(close);
        dialog.getRootPane().setDefaultButton(close);
        SwingUtilities.invokeLater(close::requestFocusInWindow);
        status.setName("status");
        JPanel foot = new JPanel(new BorderLayout(0, GAP / 2));
        foot.add(status, BorderLayout.NORTH);
        foot.add(buttons, BorderLayout.SOUTH);
        return foot;
    }

    private void toggle() {
        boolean shows = !detailsPane.isVisible();
        detailsPane.setVisible(shows);
        Labels.named(toggle, Words.of(shows ? "FailureWindow.hideDetails" : "FailureWindow.showDetails"));
        if (shows) {
            showDetails("");
            details.withMore(this::showDetails);
        }
        refit();
    }

    private void showDetails(String more) {
        detailsArea.setText(details.text().withMore(more));
        detailsArea.setCaretPosition(0);
    }

    private void refit() {
        dialog.setMinimumSize(null);
        dialog.pack();
    }

    private void copy() {
        details.withMore(more -> {
            try {
                StringSelection all = new StringSelection(details.text().all(more));
                Toolkit.getDefaultToolkit().getSystemClipboard().setContents(all, null);
                status.setText(Words.of("FailureWindow.copied"));
            } catch (IllegalStateException e) {
                status.setText(Words.of("FailureWindow.notCopied")); // another program has the clipboard
            }
        });
    }

    private void openFile() {
        FailureText.Place place = details.text().place();
        EventThread.aside(() -> {
            try {
                opener.open(place.file(), place.line());
            } catch (AlcoveException e) {
                EventThread.run(() -> status.setText(e.getMessage()));
            }
        });
    }

    private void chooseReport() {
        JFileChooser chooser = new JFileChooser();
        chooser.setDialogTitle(Words.of("FailureWindow.saveTitle"));
        chooser.setSelectedFile(new File(chooser.getCurrentDirectory(), "alcove-report.zip"));
        if (chooser.showSaveDialog(dialog) == JFileChooser.APPROVE_OPTION) {
            Path file = chooser.getSelectedFile().toPath();
            status.setText(Words.of("FailureWindow.saving"));
            EventThread.aside(() -> {
                String said = save(file);
                EventThread.run(() -> status.setText(said));
            });
        }
    }

    private String save(Path file) {
        try {
            Doctor.report(file, details.text().all(details.more()));
            return Words.of("FailureWindow.saved", file.toString());
        } catch (IOException e) {
            return Words.of("FailureWindow.notSaved", file.toString(), String.valueOf(e.getMessage()));
        }
    }
}
