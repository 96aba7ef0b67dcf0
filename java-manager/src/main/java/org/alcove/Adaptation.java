package org.alcove;

import java.util.Locale;

/**
 * How far an op's worker goes to make an array fit that has other axes or another dtype than the op declares. Axes in
 * another order are always put in the op's order, as a view.
 */
public enum Adaptation {
    /** Only the order of the axes: more axes than the op's, or another dtype, refuse the call. */
    STRICT,
    /**
     * As a call does it by itself: over axes that the op does not know the op is called again and again, and a dtype is
     * changed into one that holds every value of it.
     */
    LOSSLESS,
    /** As {@link #LOSSLESS}, and where that is not possible the elements are rounded and clipped to the op's first dtype. */
    CONVERT;

    /** The word as it stands in messages, for example {@code lossless}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
