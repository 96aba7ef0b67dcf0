package org.alcove.gui;

import java.awt.Color;
import java.awt.Component;
import java.awt.event.ActionEvent;
import java.awt.event.KeyEvent;
import javax.swing.AbstractAction;
import javax.swing.AbstractButton;
import javax.swing.Action;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JMenu;
import javax.swing.JTextArea;
import javax.swing.UIManager;

/**
 * Texts with a mnemonic, the letter that does the same as a click when Alt is held: it stands behind an {@code &} in the
 * text, {@code "&Create..."}; {@code "&&"} is the sign itself.
 */
final class Labels {
    private static final Color RED_ON_LIGHT = new Color(0xB00020);
    private static final Color RED_ON_DARK = new Color(0xFF8A80);
    private static final int HALF_OF_ALL_LIGHT = 3 * 128;

    private final String text;
    private final int index;

    private Labels(String marked) {
        StringBuilder plain = new StringBuilder();
        int found = -1;
        for (int i = 0; i < marked.length(); i++) {
            char sign = marked.charAt(i);
            if (sign == '&' && i + 1 < marked.length()) {
                i++;
                if (marked.charAt(i) != '&' && found < 0) {
                    found = plain.length();
                }
            }
            plain.append(marked.charAt(i));
        }
        this.text = plain.toString();
        this.index = found;
    }

    /** The text without the sign of its mnemonic. */
    static String plain(String marked) {
        return new Labels(marked).text;
    }

    /** What buttons and menu items do, and are called. */
    static Action action(String marked, Runnable what) {
        Labels label = new Labels(marked);
        Action action = new AbstractAction(label.text) {
            @Override
            public void actionPerformed(ActionEvent event) {
                what.run();
            }
        };
        if (label.index >= 0) {
            action.putValue(Action.MNEMONIC_KEY, label.key());
            action.putValue(Action.DISPLAYED_MNEMONIC_INDEX_KEY, label.index);
        }
        return action;
    }

    static JButton button(String marked, Runnable what) {
        return new JButton(action(marked, what));
    }

    static JMenu menu(String marked) {
        return named(new JMenu(), marked);
    }

    /** Writes on a button that does something already. */
    static <T extends AbstractButton> T named(T button, String marked) {
        Labels label = new Labels(marked);
        button.setText(label.text);
        if (label.index >= 0) {
            button.setMnemonic(label.key());
            button.setDisplayedMnemonicIndex(label.index);
        }
        return button;
    }

    /** The label of a field, which tells assistive programs what the field is for. */
    static JLabel label(String marked, JComponent field) {
        Labels label = new Labels(marked);
        JLabel made = new JLabel(label.text);
        made.setLabelFor(field);
        field.getAccessibleContext().setAccessibleName(label.text.replaceFirst(":$", ""));
        if (label.index >= 0) {
            made.setDisplayedMnemonic(label.key());
            made.setDisplayedMnemonicIndex(label.index);
        }
        return made;
    }

    /** Lines that break where the window ends, to be read and copied. */
    static JTextArea paragraph(String text, int columns) {
        JTextArea area = new JTextArea(text);
        area.setColumns(columns);
        area.setLineWrap(true);
        area.setWrapStyleWord(true);
        area.setEditable(false);
        area.setFocusable(false);
        area.setOpaque(false);
        area.setBorder(null);
        area.setFont(UIManager.getFont("Label.font"));
        return area;
    }

    /** The colour in which mistakes are told, so that they can be read on what is behind them. */
    static Color mistake(Component on) {
        Color behind = on.getBackground();
        boolean isDark = behind != null && behind.getRed() + behind.getGreen() + behind.getBlue() < HALF_OF_ALL_LIGHT;
        return isDark ? RED_ON_DARK : RED_ON_LIGHT;
    }

    private int key() {
        return KeyEvent.getExtendedKeyCodeForChar(Character.toUpperCase(text.charAt(index)));
    }
}
