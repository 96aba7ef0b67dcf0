package org.alcove;

/**
 * Where a value stands within others, for the message about one that is wrong; made into text only then.
 *
 * @param outer what the value stands in, null for the outermost
 * @param step the outermost's name, the name of a member, or the index of an item
 */
record Place(Place outer, Object step) {
    static Place of(String name) {
        return new Place(null, name);
    }

    Place member(String name) {
        return new Place(this, name);
    }

    Place item(int index) {
        return new Place(this, index);
    }

    /** As in {@code inputs.stats[3].when}. */
    @Override
    public String toString() {
        if (outer == null) {
            return String.valueOf(step);
        }
        return step instanceof Integer index ? outer + "[" + index + "]" : outer + "." + step;
    }
}
