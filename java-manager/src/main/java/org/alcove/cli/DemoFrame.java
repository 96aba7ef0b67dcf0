package org.alcove.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import java.util.zip.CRC32;
import org.alcove.ArrayStream;
import org.alcove.DType;

/**
 * A frame as it arrived.
 *
 * @param pixels their bytes in C order, without the stamp if there is one
 * @param number the player's; empty for a frame without a stamp, which somebody else wrote
 * @param whole whether the checksum fits
 */
record DemoFrame(DType dtype, long[] shape, ByteBuffer pixels, OptionalLong number, boolean whole) {
    /** Copies a frame and looks at its stamp. */
    static DemoFrame of(ArrayStream.Frame frame) {
        long[] shape = frame.shape();
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(elements * frame.dtype().bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        frame.forEachChunk(all::put);
        all.flip();
        int rowBytes = shape.length < 2 || shape[0] < 2 ? 0 : all.limit() / (int) shape[0];
        int stamp = all.limit() - rowBytes;
        if (rowBytes < DemoFilm.STAMP_BYTES || all.getInt(stamp) != DemoFilm.MAGIC) {
            return new DemoFrame(frame.dtype(), shape, all, OptionalLong.empty(), true);
        }
        CRC32 checksum = new CRC32();
        ByteBuffer pixels = all.slice(0, stamp).order(ByteOrder.LITTLE_ENDIAN);
        checksum.update(pixels.duplicate());
        shape[0]--;
        return new DemoFrame(frame.dtype(), shape, pixels, OptionalLong.of(all.getLong(stamp + 8)),
                (int) checksum.getValue() == all.getInt(stamp + 4));
    }
}
