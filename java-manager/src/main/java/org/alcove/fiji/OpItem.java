package org.alcove.fiji;

import ij.IJ;
import java.awt.MenuItem;

/** An item of Alcove's in ImageJ's menus. It notices when ImageJ throws the whole menu bar away to make another. */
final class OpItem extends MenuItem {
    private final transient Runnable onRemoved;

    OpItem(String title, Runnable onRemoved) {
        super(title);
        this.onRemoved = onRemoved;
        addActionListener(IJ.getInstance());
    }

    @Override
    public void removeNotify() {
        super.removeNotify();
        onRemoved.run();
    }
}
