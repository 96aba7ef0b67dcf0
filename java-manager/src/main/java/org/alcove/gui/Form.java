package org.alcove.gui;

import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;

/** Fields one below the other, each with its label before it. */
final class Form extends JPanel {
    private static final int GAP = 5;

    private int row;

    Form() {
        super(new GridBagLayout());
        setOpaque(false);
    }

    /** A labelled field. */
    Form field(String label, JComponent field) {
        return field(Labels.label(label, target(field)), field);
    }

    private Form field(JLabel label, JComponent field) {
        GridBagConstraints at = at(0, 1);
        at.anchor = field instanceof JScrollPane || field instanceof JPanel && !(field instanceof PathField)
                ? GridBagConstraints.FIRST_LINE_START
                : GridBagConstraints.LINE_START;
        add(label, at);
        GridBagConstraints right = at(1, 1);
        stretch(right, field);
        add(field, right);
        row++;
        return this;
    }

    /** Something under the fields, without a label. */
    Form under(JComponent component) {
        GridBagConstraints at = at(1, 1);
        stretch(at, component);
        add(component, at);
        row++;
        return this;
    }

    /** Something that takes the whole width. */
    Form wide(JComponent component) {
        GridBagConstraints at = at(0, 2);
        stretch(at, component);
        add(component, at);
        row++;
        return this;
    }

    private GridBagConstraints at(int column, int width) {
        GridBagConstraints at = new GridBagConstraints();
        at.gridx = column;
        at.gridy = row;
        at.gridwidth = width;
        at.insets = new Insets(GAP, column == 0 ? 0 : 2 * GAP, GAP, 0);
        at.anchor = GridBagConstraints.LINE_START;
        return at;
    }

    private static void stretch(GridBagConstraints at, JComponent component) {
        at.weightx = 1;
        at.fill = GridBagConstraints.HORIZONTAL;
        if (component instanceof JScrollPane) {
            at.weighty = 1;
            at.fill = GridBagConstraints.BOTH;
        }
    }

    private static JComponent target(JComponent field) {
        if (field instanceof PathField path) {
            return path.textField();
        }
        return field instanceof JScrollPane scroll ? (JComponent) scroll.getViewport().getView() : field;
    }
}
