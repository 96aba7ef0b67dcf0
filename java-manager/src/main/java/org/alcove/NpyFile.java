package org.alcove;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A .npy file, numpy's format for one array, of any size: read into shared memory, mapped, or written. Needs no Python.
 *
 * <pre>{@code
 * try (SharedArray image = NpyFile.open(Path.of("image.npy")).read(alcove)) {
 *     NpyFile.write(Path.of("copy.npy"), image);
 * }
 * }</pre>
 *
 * <p>Versions 1.0 to 3.0 are read, C and Fortran order, little- and big-endian, with elements of every {@link DType}. Files
 * with Python objects, texts or records are refused, and nothing in a file is ever evaluated. Such a file has no axes; give
 * it some with {@link SharedArray#withAxes}.
 *
 * <p>What cannot be read or written is {@link ErrorKind#FILE_FAILED}, with {@code path} and {@code cause} in its data:
 * {@code not_found}, {@code not_an_array}, {@code damaged}, {@code unsupported}, {@code permission}, {@code exists}, {@code
 * disk_full} or {@code failed}.
 */
public final class NpyFile {
    private final Path path;
    private final NpyHeader header;
    private final NpyFailures failures;

    private NpyFile(Path path, NpyHeader header) {
        this.path = path;
        this.header = header;
        this.failures = NpyFailures.in(path);
    }

    /**
     * Looks at a file. It is not kept open.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when it is no .npy file of numbers, or incomplete
     */
    public static NpyFile open(Path path) {
        NpyFailures failures = NpyFailures.in(path);
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw failures.notAnArray(Files.isDirectory(path) ? "it is a folder" : "it is no file on a disk");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            NpyFile file = new NpyFile(path, NpyHeader.read(Channels.newInputStream(channel), failures));
            file.requireComplete(channel);
            return file;
        } catch (IOException e) {
            throw failures.reading(e);
        }
    }

    /** The type of the elements. */
    public DType dtype() {
        return header.dtype();
    }

    /** The sizes in numpy's order; empty for a single element. */
    public long[] shape() {
        return header.shape().clone();
    }

    /** Whether the first axis changes fastest in the file, and not the last. */
    public boolean isFortranOrder() {
        return header.isFortranOrder();
    }

    /** Whether numbers begin with their greatest byte in the file. */
    public boolean isBigEndian() {
        return header.isBigEndian();
    }

    /**
     * The array in shared memory: in C order and little-endian, whatever it is in the file.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED}; {@link ErrorKind#OUT_OF_SHARED_MEMORY}
     */
    public SharedArray read(Alcove alcove) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            requireComplete(channel);
            SharedArray array = alcove.allocate(header.dtype(), List.of(), header.shape());
            try {
                new NpyElements(header, NpyBytes.of(channel, header.start()), failures).into(array);
                return array;
            } catch (RuntimeException | Error e) {
                array.close();
                throw e;
            }
        } catch (IOException e) {
            throw failures.reading(e);
        }
    }

    /**
     * The elements where they are, without reading them: read-only views of the file, 1 GiB each and the last one less, in
     * the file's order of elements and with its order of bytes. No element lies in two of them. They stay valid as long as
     * they are reachable; the file must not become shorter meanwhile, and Windows does not delete it.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED}
     */
    public List<ByteBuffer> map() {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            requireComplete(channel);
            List<ByteBuffer> chunks = new ArrayList<>();
            for (long done = 0; done < header.bytes(); done += Block.CHUNK_BYTES) {
                long length = Math.min(Block.CHUNK_BYTES, header.bytes() - done);
                chunks.add(channel.map(FileChannel.MapMode.READ_ONLY, header.start() + done, length)
                        .order(header.byteOrder()));
            }
            return chunks;
        } catch (IOException e) {
            throw failures.reading(e);
        }
    }

    /**
     * All arrays of a .npz file by name, in its order, stored or compressed. The caller closes each of them.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when one of them cannot be read, or the archive holds anything
     *     else; {@link ErrorKind#OUT_OF_SHARED_MEMORY}. No array is left open then
     */
    public static Map<String, SharedArray> readAll(Alcove alcove, Path archive) {
        return new NpyArchive(alcove, archive).readAll();
    }

    /**
     * Writes an array in C order. A file that is there is replaced, whole or not at all; folders that are missing are made.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED}
     */
    public static void write(Path path, SharedArray array) {
        byte[] header = NpyHeader.bytes(array.dtype(), false, array.shape());
        NpyWriting.replace(path, file -> {
            NpyWriting.writeFully(ByteBuffer.wrap(header), file);
            NpyWriting.write(array, file);
        });
    }

    /**
     * As {@link #write(Path, SharedArray)}, with the elements turned into Fortran order: the first axis changes fastest.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED}
     */
    public static void writeFortran(Path path, SharedArray array) {
        if (array.shape().length < 2 || array.size() == 0) {
            write(path, array); // both orders are the same
            return;
        }
        byte[] header = NpyHeader.bytes(array.dtype(), true, array.shape());
        NpyWriting.replace(path, file -> {
            NpyWriting.writeFully(ByteBuffer.wrap(header), file);
            NpyWriting.writeFortran(array, file, header.length);
        });
    }

    /**
     * Writes a primitive Java array, whose elements are in C order: the last axis changes fastest. Else as {@link
     * #write(Path, SharedArray)}.
     *
     * @param elements of the type that {@link SharedArray#copyFrom(Object)} takes for this dtype
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED}
     */
    public static void write(Path path, DType dtype, Object elements, long... shape) {
        writeElements(path, dtype, false, elements, shape);
    }

    /**
     * Writes a primitive Java array whose elements are in Fortran order: the first axis changes fastest, as where Java
     * libraries name x before y. They are written as they are, and numpy finds them at the same indices.
     *
     * @param elements of the type that {@link SharedArray#copyFrom(Object)} takes for this dtype
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED}
     */
    public static void writeFortran(Path path, DType dtype, Object elements, long... shape) {
        writeElements(path, dtype, true, elements, shape);
    }

    private static void writeElements(Path path, DType dtype, boolean isFortranOrder, Object elements, long[] shape) {
        PrimitiveArrays.requireFit(dtype, SharedArray.elements(shape), elements);
        byte[] header = NpyHeader.bytes(dtype, isFortranOrder, shape);
        NpyWriting.replace(path, file -> {
            NpyWriting.writeFully(ByteBuffer.wrap(header), file);
            NpyWriting.write(elements, dtype, file);
        });
    }

    private void requireComplete(FileChannel channel) throws IOException {
        long needed = header.start() + header.bytes();
        if (channel.size() < needed) {
            throw failures.damaged("it has " + channel.size() + " of " + needed + " bytes");
        }
    }
}
