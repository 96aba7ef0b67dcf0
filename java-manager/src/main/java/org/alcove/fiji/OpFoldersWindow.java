package org.alcove.fiji;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Desktop;
import java.awt.Dimension;
import java.awt.EventQueue;
import java.awt.FlowLayout;
import java.awt.GridLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.swing.AbstractAction;
import javax.swing.AbstractButton;
import javax.swing.BorderFactory;
import javax.swing.DefaultListModel;
import javax.swing.JButton;
import javax.swing.JCheckBox;
import javax.swing.JComponent;
import javax.swing.JFileChooser;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JOptionPane;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.KeyStroke;
import javax.swing.ListSelectionModel;
import org.alcove.AlcoveException;
import org.alcove.catalog.OpFolders;

/** The folders in which Alcove looks for op files: some are given, others the user's to add and remove. */
final class OpFoldersWindow {
    private static final int GAP = 8;

    /**
     * A line of the list.
     *
     * @param note why it is there; empty for the user's own
     * @param isTrusted whether what lies in it runs without a question
     */
    private record Folder(Path path, String note, boolean isTrusted) {
        @Override
        public String toString() {
            String trust = isTrusted ? Words.of("OpFoldersWindow.trusted") : "";
            String notes = Stream.of(note, trust).filter(each -> !each.isEmpty()).collect(Collectors.joining(", "));
            return notes.isEmpty() ? path.toString() : path + "   (" + notes + ")";
        }
    }

    private static OpFoldersWindow open; // on the event thread alone

    private final Session session;
    private final JFrame frame = new JFrame(Words.of("OpFoldersWindow.title"));
    private final DefaultListModel<Folder> folders = new DefaultListModel<>();
    private final JList<Folder> list = new JList<>(folders);
    private final JButton remove = button("remove", Words.of("OpFoldersWindow.remove"), this::removeSelected);
    private final JButton show = button("show", Words.of("OpFoldersWindow.show"), this::showSelected);
    private final JButton trust = button("trust", Words.of("OpFoldersWindow.trust"), this::trustSelected);
    private final JCheckBox start = new JCheckBox();

    private OpFoldersWindow(Session session) {
        this.session = session;
        list.setName("folders");
        list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
        list.getAccessibleContext().setAccessibleName(Words.of("OpFoldersWindow.title"));
        list.addListSelectionListener(e -> enable());
        start.setName("start");
        label(start, Words.of("OpFoldersWindow.start"));
        start.addActionListener(e -> changeStart(start.isSelected()));
        JPanel content = new JPanel(new BorderLayout(GAP, GAP));
        content.setBorder(BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP));
        content.add(new JLabel(Words.of("OpFoldersWindow.about")), BorderLayout.NORTH);
        JScrollPane scrolled = new JScrollPane(list);
        scrolled.setPreferredSize(new Dimension(520, 160));
        content.add(scrolled, BorderLayout.CENTER);
        content.add(buttons(), BorderLayout.EAST);
        content.add(bottom(), BorderLayout.SOUTH);
        frame.setContentPane(content);
        frame.setDefaultCloseOperation(JFrame.DISPOSE_ON_CLOSE);
        JComponent root = frame.getRootPane();
        root.getInputMap(JComponent.WHEN_IN_FOCUSED_WINDOW).put(KeyStroke.getKeyStroke("ESCAPE"), "close");
        root.getActionMap().put("close", new AbstractAction() {
            @Override
            public void actionPerformed(java.awt.event.ActionEvent e) {
                frame.dispose();
            }
        });
        enable();
    }

    /** Shows the window, or brings it to the front. */
    static void open(Session session) {
        EventQueue.invokeLater(() -> {
            if (open == null || !open.frame.isDisplayable()) {
                open = new OpFoldersWindow(session);
                open.frame.pack();
                open.frame.setLocationByPlatform(true);
            }
            open.aside(() -> {});
            open.frame.setVisible(true);
            open.frame.toFront();
        });
    }

    private JPanel buttons() {
        JPanel column = new JPanel(new GridLayout(0, 1, 0, GAP / 2));
        column.add(button("add", Words.of("OpFoldersWindow.add"), this::add));
        column.add(remove);
        column.add(show);
        column.add(trust);
        JPanel top = new JPanel(new BorderLayout());
        top.add(column, BorderLayout.NORTH);
        return top;
    }

    private JPanel bottom() {
        JPanel bottom = new JPanel(new BorderLayout());
        bottom.add(start, BorderLayout.WEST);
        JPanel right = new JPanel(new FlowLayout(FlowLayout.TRAILING, 0, 0));
        right.add(button("close", Words.of("OpFoldersWindow.close"), frame::dispose));
        bottom.add(right, BorderLayout.EAST);
        return bottom;
    }

    private static JButton button(String name, String text, Runnable action) {
        JButton button = new JButton();
        label(button, text);
        button.setName(name);
        button.addActionListener(e -> action.run());
        return button;
    }

    /** In the text, an ampersand stands before the letter that chooses it from the keyboard. */
    private static void label(AbstractButton button, String text) {
        int sign = text.indexOf('&');
        button.setText(text.replace("&", ""));
        button.setMnemonic(text.charAt(sign + 1));
        button.setDisplayedMnemonicIndex(sign);
    }

    private void enable() {
        Folder selected = list.getSelectedValue();
        remove.setEnabled(selected != null && selected.note().isEmpty());
        show.setEnabled(selected != null);
        trust.setEnabled(selected != null);
        boolean isTrusted = selected != null && selected.isTrusted();
        label(trust, isTrusted ? Words.of("OpFoldersWindow.ask") : Words.of("OpFoldersWindow.trust"));
    }

    private void add() {
        JFileChooser chooser = new JFileChooser();
        chooser.setDialogTitle(Words.of("OpFoldersWindow.choose"));
        chooser.setFileSelectionMode(JFileChooser.DIRECTORIES_ONLY);
        if (chooser.showDialog(frame, Words.of("OpFoldersWindow.chosen")) == JFileChooser.APPROVE_OPTION) {
            Path chosen = chooser.getSelectedFile().toPath();
            aside(() -> {
                OpFolders.add(chosen);
                refresh();
            });
        }
    }

    private void removeSelected() {
        Path selected = list.getSelectedValue().path();
        aside(() -> {
            OpFolders.remove(selected);
            refresh();
        });
    }

    private void showSelected() {
        Path selected = list.getSelectedValue().path();
        aside(() -> {
            try {
                Desktop.getDesktop().open(selected.toFile());
            } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
                throw Refusal.of(Words.of("OpFoldersWindow.unshown", selected), Words.of("OpFoldersWindow.unshownHint"));
            }
        });
    }

    private void trustSelected() {
        Folder selected = list.getSelectedValue();
        if (selected.isTrusted()) {
            aside(() -> {
                session.trusted().forget(selected.path());
                refresh();
            });
            return;
        }
        int answer = JOptionPane.showConfirmDialog(
                frame,
                Words.of("OpFoldersWindow.trustQuestion", selected.path()),
                frame.getTitle(),
                JOptionPane.OK_CANCEL_OPTION,
                JOptionPane.WARNING_MESSAGE);
        if (answer == JOptionPane.OK_OPTION) {
            aside(() -> {
                session.trusted().trustFolder(selected.path());
                refresh();
            });
        }
    }

    private void changeStart(boolean isOn) {
        aside(() -> {
            try {
                StartOption.set(isOn);
            } catch (IOException e) {
                throw Refusal.of(Words.of("OpFoldersWindow.unchanged", e.getMessage()), null);
            }
        });
    }

    private void refresh() {
        session.refresh();
        session.describeRest(false);
    }

    /** Does it where it may take its time, and then shows what is so. */
    private void aside(Runnable action) {
        new Thread(() -> {
            String problem = null;
            try {
                action.run();
            } catch (AlcoveException failure) {
                problem = failure.hint().map(hint -> failure.getMessage() + "\n" + hint).orElse(failure.getMessage());
            }
            List<Folder> found = folders();
            boolean isOffered = StartOption.isOffered();
            boolean isOn = StartOption.isOn();
            String told = problem;
            EventQueue.invokeLater(() -> show(found, isOffered, isOn, told));
        }, "alcove op folders").start();
    }

    private void show(List<Folder> found, boolean offersStart, boolean startsOps, String problem) {
        int selected = list.getSelectedIndex();
        folders.clear();
        found.forEach(folders::addElement);
        list.setSelectedIndex(Math.min(Math.max(selected, 0), found.size() - 1));
        start.setVisible(offersStart);
        start.setSelected(startsOps);
        if (problem != null) {
            JOptionPane.showMessageDialog((Component) frame, problem, frame.getTitle(), JOptionPane.ERROR_MESSAGE);
        }
    }

    private List<Folder> folders() {
        List<Path> trusted = session.trusted().trustedFolders();
        List<Folder> found = new ArrayList<>();
        if (session.opsFolder() != null) {
            found.add(folder(session.opsFolder(), Words.of("OpFoldersWindow.plugins"), trusted));
        }
        OpFolders.ofVariable().forEach(path -> found.add(folder(path, Words.of("OpFoldersWindow.variable"), trusted)));
        OpFolders.list().forEach(path -> found.add(folder(path, "", trusted)));
        return found;
    }

    private static Folder folder(Path path, String note, List<Path> trusted) {
        Path real = path;
        try {
            real = path.toRealPath();
        } catch (IOException e) {
            // It is not there now: then nothing in it can run.
        }
        return new Folder(path, note, trusted.contains(real));
    }
}
