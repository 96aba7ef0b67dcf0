package org.alcove.gui;

import javax.swing.JComponent;

/** What stands in a tab of the window. All of it is called on the event dispatch thread. */
interface Page {
    /** What is written on the tab. */
    String title();

    JComponent component();

    /** It came to the front, or the user wants to see what is so now: it reads that, on a thread of its own. */
    void shown();

    /** Another page is in front of it. */
    default void hidden() {}

    /** The window is gone. */
    void close();
}
