package org.alcove;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The bytes of a file's elements, counted from the first element. */
interface NpyBytes {
    /** Fills all of a buffer with what begins at a position; one that only goes forward takes positions as they come. */
    void read(long position, ByteBuffer target) throws IOException;

    static NpyBytes of(FileChannel file, long start) {
        return (position, target) -> {
            for (long at = start + position; target.hasRemaining(); ) {
                int count = file.read(target, at);
                if (count < 0) {
                    throw new EOFException();
                }
                at += count;
            }
        };
    }

    /** What is unpacked while it is read. */
    static NpyBytes of(InputStream stream) {
        byte[] piece = new byte[NpyElements.PIECE_BYTES];
        return (position, target) -> {
            while (target.hasRemaining()) {
                int count = stream.readNBytes(piece, 0, Math.min(piece.length, target.remaining()));
                if (count == 0) {
                    throw new EOFException();
                }
                target.put(piece, 0, count);
            }
        };
    }

    /** What was put into shared memory as bytes. */
    static NpyBytes of(SharedArray bytes) {
        return (position, target) -> bytes.forEachChunk(position, target.remaining(), target::put);
    }
}
