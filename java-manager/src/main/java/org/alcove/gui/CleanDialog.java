package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.util.Optional;
import java.util.concurrent.Future;
import javax.swing.JCheckBox;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JSpinner;
import javax.swing.JTable;
import javax.swing.SpinnerNumberModel;
import javax.swing.table.DefaultTableModel;
import org.alcove.EnvironmentCleanup;
import org.alcove.Environments;

/** Shows what nobody needs and what removing it frees, and asks whether it shall go. */
final class CleanDialog {
    private static final Dimension ROOM = new Dimension(640, 220);
    private static final int DAYS = 90;
    private static final int MOST_DAYS = 3650;

    /**
     * What shall go beside the remains of what ended too early.
     *
     * @param unusedDays environments that nobody has used for so many days; none when negative
     */
    record Choice(int unusedDays, boolean caches) {}

    private final Environments environments;
    private final Background background;
    private final Question question;
    private final JCheckBox caches = Labels.named(new JCheckBox(), Words.of("CleanDialog.caches"));
    private final JCheckBox unused = Labels.named(new JCheckBox(), Words.of("CleanDialog.unused"));
    private final JSpinner days = new JSpinner(new SpinnerNumberModel(DAYS, 1, MOST_DAYS, 1));
    private final JLabel sum = new JLabel(" ");
    private final DefaultTableModel items;
    private Future<?> looking;

    CleanDialog(Component owner, Environments environments, Background background) {
        this.environments = environments;
        this.background = background;
        question = new Question(owner, Words.of("CleanDialog.title"), Words.of("CleanDialog.clean"));
        JTable table = Dialogs.table(
                Words.of("CleanDialog.table"),
                new Object[0][],
                Words.of("CleanDialog.what"),
                Words.of("CleanDialog.size"),
                Words.of("CleanDialog.reason"));
        table.setName("items");
        table.setPreferredScrollableViewportSize(ROOM);
        table.getColumnModel().getColumn(0).setPreferredWidth(ROOM.width / 3);
        table.getColumnModel().getColumn(2).setPreferredWidth(ROOM.width / 2);
        items = (DefaultTableModel) table.getModel();
        sum.setName("sum");
        JPanel all = new JPanel(new BorderLayout(0, 8));
        all.add(choices(), BorderLayout.NORTH);
        all.add(new JScrollPane(table), BorderLayout.CENTER);
        all.add(sum, BorderLayout.SOUTH);
        question.saying(Words.of("CleanDialog.explanation")).with(all);
    }

    /** Asks; empty when nothing shall be removed. */
    Optional<Choice> ask() {
        look();
        boolean answer = question.ask();
        looking.cancel(true);
        return answer ? Optional.of(choice()) : Optional.empty();
    }

    private JPanel choices() {
        JPanel line = new JPanel(new FlowLayout(FlowLayout.LEADING, 0, 0));
        line.add(unused);
        line.add(days);
        line.add(new JLabel(" " + Words.of("CleanDialog.days")));
        days.getAccessibleContext().setAccessibleName(Words.of("CleanDialog.daysName"));
        JPanel choices = new JPanel(new BorderLayout(0, 4));
        choices.add(line, BorderLayout.NORTH);
        choices.add(caches, BorderLayout.SOUTH);
        caches.setName("caches");
        unused.addActionListener(event -> look());
        caches.addActionListener(event -> look());
        days.addChangeListener(event -> {
            if (unused.isSelected()) {
                look();
            }
        });
        return choices;
    }

    private Choice choice() {
        return new Choice(unused.isSelected() ? (Integer) days.getValue() : -1, caches.isSelected());
    }

    private void look() {
        if (looking != null) {
            looking.cancel(true);
        }
        Choice choice = choice();
        question.allow(false, "");
        sum.setText(Words.of("CleanDialog.looking"));
        looking = background.ask(
                () -> environments.clean(choice.unusedDays(), choice.caches(), true, progress -> {}),
                this::show,
                failure -> {
                    sum.setText(" ");
                    question.allow(false, failure.getMessage());
                });
    }

    private void show(EnvironmentCleanup cleanup) {
        items.setRowCount(0);
        for (EnvironmentCleanup.Item item : cleanup.items()) {
            items.addRow(new Object[] {
                Words.of("CleanDialog.item", kind(item.kind()), item.name()), Quantities.size(item.bytes()), item.reason()
            });
        }
        boolean isSome = !cleanup.items().isEmpty();
        sum.setText(isSome
                ? Words.of("CleanDialog.frees", Quantities.size(cleanup.freedBytes()))
                : Words.of("CleanDialog.nothing"));
        question.allow(isSome, "");
    }

    private static String kind(String word) {
        return switch (word) {
            case "environment" -> Words.of("CleanDialog.environment");
            case "version" -> Words.of("CleanDialog.version");
            case "cache" -> Words.of("CleanDialog.cache");
            default -> Words.of("CleanDialog.leftover");
        };
    }
}
