package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Font;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;

/** What a window has to say, from top to bottom: paragraphs, and facts behind their names. */
final class Sheet extends JPanel {
    static final int GAP = 12;
    private static final int COLUMNS_OF_A_NAME = 10;

    private final int columns;
    private boolean isAfterFact;

    /** As wide as so many letters. */
    Sheet(int columns) {
        super(new GridBagLayout());
        this.columns = columns;
    }

    /** What matters most. */
    void lead(String text) {
        add(area(text, columns, Font.BOLD), row(0));
    }

    void paragraph(String text) {
        add(area(text, columns, Font.PLAIN), row(isAfterFact ? GAP : GAP / 2));
        isAfterFact = false;
    }

    /** What is in the way. */
    void warning(String text) {
        JTextArea area = area(text, columns, Font.BOLD);
        area.setForeground(Labels.mistake(this));
        add(area, row(GAP));
    }

    /** Something that has a name. */
    void fact(String name, String value) {
        int above = isAfterFact ? 4 : GAP;
        isAfterFact = true;
        GridBagConstraints cell = new GridBagConstraints();
        cell.gridx = 0;
        cell.anchor = GridBagConstraints.FIRST_LINE_START;
        cell.insets = new Insets(above, 0, 0, GAP);
        JLabel label = new JLabel(name);
        add(label, cell);
        cell.gridx = 1;
        cell.weightx = 1;
        cell.fill = GridBagConstraints.HORIZONTAL;
        cell.insets = new Insets(above, 0, 0, 0);
        JTextArea area = area(value, columns - COLUMNS_OF_A_NAME, Font.PLAIN);
        area.getAccessibleContext().setAccessibleName(name);
        label.setLabelFor(area);
        add(area, cell);
    }

    private GridBagConstraints row(int above) {
        GridBagConstraints row = new GridBagConstraints();
        row.gridx = 0;
        row.gridwidth = 2;
        row.weightx = 1;
        row.fill = GridBagConstraints.HORIZONTAL;
        row.insets = new Insets(above, 0, 0, 0);
        return row;
    }

    /** Lines that break; how high they are then is known when it has its width, so it gets one. */
    static JTextArea area(String text, int columns, int style) {
        JTextArea area = Labels.paragraph(text, columns);
        area.setFont(area.getFont().deriveFont(style));
        area.setSize(area.getPreferredSize().width, Short.MAX_VALUE);
        return area;
    }

    /** With buttons at its end, and room around it. */
    static JComponent page(JComponent body, JButton... buttons) {
        Box row = Box.createHorizontalBox();
        row.add(Box.createHorizontalGlue());
        for (JButton button : buttons) {
            row.add(Box.createHorizontalStrut(GAP / 2));
            row.add(button);
        }
        JPanel page = new JPanel(new BorderLayout(0, 2 * GAP));
        page.setBorder(BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP));
        page.add(body, BorderLayout.CENTER);
        page.add(row, BorderLayout.SOUTH);
        return page;
    }
}
