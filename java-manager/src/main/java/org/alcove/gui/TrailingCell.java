package org.alcove.gui;

import java.util.function.Function;
import javax.swing.BorderFactory;
import javax.swing.SwingConstants;
import javax.swing.border.Border;
import javax.swing.table.DefaultTableCellRenderer;

/** A cell of a table whose text ends where others end, as numbers do. */
final class TrailingCell extends DefaultTableCellRenderer {
    private static final int GAP = 14;

    private final transient Function<Object, String> text;

    TrailingCell(Function<Object, String> text) {
        this.text = text;
        setHorizontalAlignment(SwingConstants.TRAILING);
    }

    /** Sizes in bytes; nothing where there is none. */
    static TrailingCell ofBytes() {
        return new TrailingCell(value -> value instanceof Long bytes && bytes > 0 ? Quantities.size(bytes) : "");
    }

    @Override
    protected void setValue(Object value) {
        setText(text.apply(value));
    }

    @Override
    public void setBorder(Border border) {
        // A table sets it each time; without room the next column would touch the text.
        super.setBorder(BorderFactory.createCompoundBorder(border, BorderFactory.createEmptyBorder(0, 0, 0, GAP)));
    }
}
