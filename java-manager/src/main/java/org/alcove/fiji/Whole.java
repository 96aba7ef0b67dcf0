package org.alcove.fiji;

import java.util.function.IntToLongFunction;
import org.alcove.DType;
import org.alcove.SharedArray;

/** What whole numbers an array holds: the least, the greatest, and whether 32-bit floats would hold each of them. */
final class Whole {
    private static final int DIGITS_OF_A_FLOAT = 24;

    private final boolean isUnsigned;
    private long least = Long.MAX_VALUE;
    private long greatest = Long.MIN_VALUE;
    private boolean areFloats = true;

    private Whole(boolean isUnsigned) {
        this.isUnsigned = isUnsigned;
    }

    /** Looks at all elements of an array of whole numbers. */
    static Whole numbersOf(SharedArray array) {
        DType dtype = array.dtype();
        Whole all = new Whole(dtype == DType.UINT64);
        Elements.forEachInParallel(array, (first, elements, count) -> {
            Whole some = new Whole(all.isUnsigned);
            some.look(Elements.integers(dtype, elements), count);
            all.add(some);
        });
        return all;
    }

    boolean areWithin(long lowest, long highest) {
        return least >= lowest && greatest <= highest;
    }

    boolean areFloats() {
        return areFloats;
    }

    String least() {
        return String.valueOf(least);
    }

    String greatest() {
        return greatest == Long.MAX_VALUE && isUnsigned ? "more than " + greatest : String.valueOf(greatest);
    }

    private void look(IntToLongFunction numbers, int count) {
        for (int i = 0; i < count; i++) {
            long number = numbers.applyAsLong(i);
            // Beyond a long, how far does not matter.
            long clipped = isUnsigned && number < 0 ? Long.MAX_VALUE : number;
            least = Math.min(least, clipped);
            greatest = Math.max(greatest, clipped);
            areFloats &= isFloat(isUnsigned ? number : Math.abs(number));
        }
    }

    /** For a number without sign. */
    private static boolean isFloat(long size) {
        int digits = Long.SIZE - Long.numberOfLeadingZeros(size) - Long.numberOfTrailingZeros(size);
        return digits <= DIGITS_OF_A_FLOAT;
    }

    private synchronized void add(Whole other) {
        least = Math.min(least, other.least);
        greatest = Math.max(greatest, other.greatest);
        areFloats &= other.areFloats;
    }
}
