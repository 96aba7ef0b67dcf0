package org.alcove.gui;

import java.time.Instant;
import javax.swing.JTable;
import javax.swing.table.DefaultTableCellRenderer;
import javax.swing.table.TableRowSorter;
import org.alcove.EnvironmentInfo;

/** How environments look in a table. */
final class EnvironmentCells {
    private EnvironmentCells() {}

    /** A table of them that is filtered and sorted. */
    static JTable table(EnvironmentTableModel model) {
        JTable table = new JTable(model);
        table.setName("environments");
        table.getAccessibleContext().setAccessibleName(Words.of("EnvironmentCells.table"));
        Dialogs.roomy(table);
        table.setShowVerticalLines(false);
        table.getTableHeader().setReorderingAllowed(false);
        table.setDefaultRenderer(Long.class, TrailingCell.ofBytes());
        table.setDefaultRenderer(Instant.class, times());
        int[] letters = {28, 18, 8, 12, 9, 10, 16};
        int letter = table.getFontMetrics(table.getFont()).charWidth('n');
        for (int column = 0; column < letters.length; column++) {
            table.getColumnModel().getColumn(column).setPreferredWidth(letters[column] * letter);
        }
        return table;
    }

    static TableRowSorter<EnvironmentTableModel> sorter(EnvironmentTableModel model) {
        TableRowSorter<EnvironmentTableModel> sorter = new TableRowSorter<>(model);
        sorter.toggleSortOrder(EnvironmentTableModel.NAME);
        return sorter;
    }

    /** The state in a word or two. */
    static String state(EnvironmentInfo environment) {
        String state = switch (environment.state()) {
            case READY -> environment.isCurrent()
                    ? Words.of("EnvironmentCells.ready")
                    : Words.of("EnvironmentCells.oldVersion");
            case BROKEN -> Words.of("EnvironmentCells.broken");
            case INCOMPLETE -> Words.of("EnvironmentCells.incomplete");
        };
        return environment.isShared() ? Words.of("EnvironmentCells.shared", state) : state;
    }

    private static DefaultTableCellRenderer times() {
        return new DefaultTableCellRenderer() {
            @Override
            protected void setValue(Object value) {
                setText(Instant.MIN.equals(value) || value == null
                        ? Words.of("EnvironmentCells.never")
                        : Quantities.ago((Instant) value));
            }
        };
    }
}
