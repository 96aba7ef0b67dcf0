package org.alcove;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The content of a control file, {@code docs/streams.md} has its table. What an entry says is true under its slot's lock
 * alone; {@link #newest()} and {@link #sequence} may be read without, as hints.
 */
final class StreamControl {
    static final int BYTES = 36864;
    static final int HEADER_BYTES = 16;
    static final int SLOTS = 64;
    static final int MAX_DIMENSIONS = 32;

    static final long NOT_WRITTEN_YET = 0;
    static final long WRITTEN_TO = 1;
    static final long CLOSED = 2;

    private static final long MAGIC = 0x004d_5254_5343_4c41L; // "ALCSTRM\0"
    private static final int VERSION = 1;
    private static final int ENTRIES_AT = 512;
    private static final int ENTRY_BYTES = 512;

    private static final int NEWEST = 16;
    private static final int LAST = 24;
    private static final int STATE = 32;
    private static final int SLOTS_USED = 40;
    private static final int NEXT_FILE = 48;

    private static final int SEQUENCE = 0;
    private static final int FILE_NUMBER = 8;
    private static final int FILE_BYTES = 16;
    private static final int TIME = 24;
    private static final int DTYPE = 32;
    private static final int DTYPE_BYTES = 16;
    private static final int DIMENSIONS = 48;
    private static final int SHAPE = 56;

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteBuffer memory;

    /** @param memory a whole control file, mapped */
    StreamControl(ByteBuffer memory) {
        this.memory = memory.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The content of a new control file. */
    static ByteBuffer initial(long firstFile) {
        ByteBuffer content = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return content.putLong(0, MAGIC).putInt(8, VERSION).putInt(12, SLOTS).putLong(NEXT_FILE, firstFile);
    }

    /** Whether a file that starts like this is a control file, of whichever version. */
    static boolean isStream(ByteBuffer header) {
        return header.order(ByteOrder.LITTLE_ENDIAN).getLong(0) == MAGIC;
    }

    static boolean isOfThisVersion(ByteBuffer header) {
        return header.order(ByteOrder.LITTLE_ENDIAN).getInt(8) == VERSION && header.getInt(12) == SLOTS;
    }

    /** The slot of the newest complete frame + 1, or 0. */
    long newest() {
        return get(NEWEST);
    }

    void newest(long slotPlusOne) {
        set(NEWEST, slotPlusOne);
    }

    /** The last sequence number that was given out. */
    long last() {
        return get(LAST);
    }

    void last(long sequence) {
        set(LAST, sequence);
    }

    long state() {
        return get(STATE);
    }

    void state(long state) {
        set(STATE, state);
    }

    int slotsUsed() {
        return (int) Math.max(0, Math.min(get(SLOTS_USED), SLOTS));
    }

    void slotsUsed(int slots) {
        set(SLOTS_USED, slots);
    }

    /** The number for the next slot file; the one after it is next then. */
    long takeFileNumber() {
        long number = Math.max(1, get(NEXT_FILE));
        set(NEXT_FILE, number + 1);
        return number;
    }

    /** The number of the frame in a slot; 0 while one is written. */
    long sequence(int slot) {
        return get(at(slot) + SEQUENCE);
    }

    void sequence(int slot, long sequence) {
        set(at(slot) + SEQUENCE, sequence);
    }

    long fileNumber(int slot) {
        return get(at(slot) + FILE_NUMBER);
    }

    long fileBytes(int slot) {
        return get(at(slot) + FILE_BYTES);
    }

    void file(int slot, long number, long bytes) {
        set(at(slot) + FILE_NUMBER, number);
        set(at(slot) + FILE_BYTES, bytes);
    }

    long time(int slot) {
        return get(at(slot) + TIME);
    }

    /** The name of the dtype, as far as it is a text. */
    String dtype(int slot) {
        byte[] name = new byte[DTYPE_BYTES];
        memory.get(at(slot) + DTYPE, name);
        int length = 0;
        while (length < DTYPE_BYTES && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, US_ASCII);
    }

    /** The shape as it stands there; its sizes may be nonsense. */
    long[] shape(int slot) {
        long dimensions = get(at(slot) + DIMENSIONS);
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
            throw new IllegalArgumentException(dimensions + " dimensions");
        }
        long[] shape = new long[(int) dimensions];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = get(at(slot) + SHAPE + Long.BYTES * axis);
        }
        return shape;
    }

    /** Writes all of the entry but its number and its file. */
    void describe(int slot, StreamEntry entry) {
        set(at(slot) + TIME, entry.time());
        byte[] name = entry.dtype().word().getBytes(US_ASCII);
        memory.put(at(slot) + DTYPE, Arrays.copyOf(name, DTYPE_BYTES));
        set(at(slot) + DIMENSIONS, entry.shape().length);
        for (int axis = 0; axis < entry.shape().length; axis++) {
            set(at(slot) + SHAPE + Long.BYTES * axis, entry.shape()[axis]);
        }
    }

    private static int at(int slot) {
        return ENTRIES_AT + slot * ENTRY_BYTES;
    }

    private long get(int position) {
        return (long) LONGS.getAcquire(memory, position);
    }

    private void set(int position, long value) {
        LONGS.setRelease(memory, position, value);
    }
}
