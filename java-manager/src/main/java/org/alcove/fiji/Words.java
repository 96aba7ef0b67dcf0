package org.alcove.fiji;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;

/** What menus, dialogs and messages in ImageJ say, by the keys of {@code Words.properties}: {@code <Class>.<what>}. */
final class Words {
    private static final String BUNDLE = "org.alcove.fiji.Words";

    private Words() {}

    /**
     * The text of a key, with the arguments where it has {0}, {1} and so on. A number stands there as the text's language
     * writes it; one that shall stay as it is (a line, a process id) is to be given as a text.
     */
    static String of(String key, Object... arguments) {
        return new MessageFormat(bundle().getString(key), language()).format(arguments);
    }

    /** The language of the texts: a sentence in English has a decimal point, wherever it is read. */
    static Locale language() {
        return bundle().getLocale();
    }

    private static ResourceBundle bundle() {
        return ResourceBundle.getBundle(BUNDLE);
    }
}
