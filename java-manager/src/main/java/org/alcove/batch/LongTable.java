package org.alcove.batch;

import java.util.OptionalLong;

/** Numbers by number: sixteen bytes for each of millions, where a HashMap needs a hundred. */
final class LongTable {
    private static final long FREE = 0;
    private long[] keys = new long[1024];
    private long[] values = new long[1024];
    private int size;

    /** Puts it there in place of what was there before; whether there was something. */
    boolean put(long key, long value) {
        if (2 * size >= keys.length) {
            grow();
        }
        int slot = slot(key);
        boolean replaced = keys[slot] != FREE;
        keys[slot] = used(key);
        values[slot] = value;
        size += replaced ? 0 : 1;
        return replaced;
    }

    OptionalLong get(long key) {
        int slot = slot(key);
        return keys[slot] == FREE ? OptionalLong.empty() : OptionalLong.of(values[slot]);
    }

    private int slot(long key) {
        int slot = (int) (used(key) >>> 1) & (keys.length - 1);
        while (keys[slot] != FREE && keys[slot] != used(key)) {
            slot = slot + 1 & (keys.length - 1);
        }
        return slot;
    }

    private static long used(long key) {
        return key == FREE ? 1 : key;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new long[2 * oldKeys.length];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }
}
