package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** A slot's file in memory, in chunks because a Java buffer ends at 2 GiB. */
record MappedFile(long size, List<ByteBuffer> chunks) {
    /** What a frame without elements lies in. */
    static final MappedFile EMPTY = new MappedFile(0, List.of());

    /** The whole file; IOException when it cannot be mapped. */
    static MappedFile map(Path file, FileChannel.MapMode mode) throws IOException {
        long size = Files.size(file);
        return new MappedFile(size, BlockFiles.map(file, size, Block.CHUNK_BYTES, mode));
    }

    /** Hands the first {@code bytes} bytes over, in order, in little-endian buffers of a block's chunk at most. */
    void forEachChunk(long bytes, Consumer<ByteBuffer> action) {
        for (long done = 0; done < bytes; done += Block.CHUNK_BYTES) {
            action.accept(view(done, (int) Math.min(bytes - done, Block.CHUNK_BYTES)));
        }
    }

    /** A part of any length up to a block's chunk. */
    ByteBuffer view(long start, int length) {
        ByteBuffer chunk = chunks.get((int) (start / Block.CHUNK_BYTES));
        return chunk.slice((int) (start % Block.CHUNK_BYTES), length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
