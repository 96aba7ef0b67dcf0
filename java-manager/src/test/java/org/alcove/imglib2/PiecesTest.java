package org.alcove.imglib2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Images are divided into stretches of memory, one after the other. */
class PiecesTest {
    @Test
    void followOneAnotherInMemory() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            long[] dimensions = random.longs(1 + random.nextInt(5), 1, 12).toArray();
            int most = 1 + random.nextInt(200);
            Pieces pieces = new Pieces(dimensions, most);
            long next = 0;
            for (long index = 0; index < pieces.count(); index++) {
                Pieces.Piece piece = pieces.get(index);
                assertEquals(next, piece.first());
                assertTrue(piece.pixels() <= most, Arrays.toString(dimensions) + " in pieces of " + most);
                next += piece.pixels();
            }
            assertEquals(Arrays.stream(dimensions).reduce(1, (a, b) -> a * b), next);
        }
    }

    @Test
    void areAsLargeAsTheyMayBe() {
        assertArrayEquals(new int[] {100, 50, 4}, new Pieces(new long[] {100, 50, 30}, 20_000).get(0).size());
        assertArrayEquals(new int[] {100, 50, 2}, new Pieces(new long[] {100, 50, 30}, 20_000).get(7).size());
        assertArrayEquals(new int[] {100, 40, 1}, new Pieces(new long[] {100, 50, 30}, 4_099).get(0).size());
        assertArrayEquals(new int[] {64, 1, 1}, new Pieces(new long[] {100, 50, 30}, 64).get(0).size());
    }
}
