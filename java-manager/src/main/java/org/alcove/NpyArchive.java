package org.alcove;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A .npz file: a zip archive with a .npy file for each array. */
final class NpyArchive {
    private static final String SUFFIX = ".npy";

    private final Alcove alcove;
    private final Path path;
    private final NpyFailures failures;

    NpyArchive(Alcove alcove, Path path) {
        this.alcove = alcove;
        this.path = path;
        this.failures = NpyFailures.in(path);
    }

    /** All arrays by name, in the order of the archive; to be closed by the caller, each. */
    Map<String, SharedArray> readAll() {
        Map<String, SharedArray> arrays = new LinkedHashMap<>();
        try {
            if (!Files.exists(path)) {
                throw new NoSuchFileException(path.toString());
            }
            try (ZipFile archive = new ZipFile(path.toFile(), StandardCharsets.UTF_8)) {
                for (ZipEntry entry : Collections.list(archive.entries())) {
                    String name = name(entry);
                    if (arrays.containsKey(name)) {
                        throw failures.damaged("it holds " + entry.getName() + " twice");
                    }
                    arrays.put(name, read(archive, entry));
                }
            }
            return arrays;
        } catch (ZipException e) {
            close(arrays);
            throw failures.notAnArray("it is no zip archive that can be read (" + e.getMessage() + ")");
        } catch (IOException e) {
            close(arrays);
            throw failures.reading(e);
        } catch (RuntimeException | Error e) {
            close(arrays);
            throw e;
        }
    }

    private String name(ZipEntry entry) {
        String name = entry.getName();
        if (!name.endsWith(SUFFIX)) {
            throw failures.unsupported("it holds " + name + ", which is no .npy file", "write it with numpy.savez");
        }
        return name.substring(0, name.length() - SUFFIX.length());
    }

    private SharedArray read(ZipFile archive, ZipEntry entry) throws IOException {
        NpyFailures ofMember = failures.member(entry.getName());
        try (InputStream unpacked = archive.getInputStream(entry)) {
            // ZipFile by itself does not compare checksums.
            CheckedInputStream checked = new CheckedInputStream(new BufferedInputStream(unpacked), new CRC32());
            SharedArray array = read(checked, entry, ofMember);
            try {
                checked.transferTo(OutputStream.nullOutputStream());
                if (checked.getChecksum().getValue() != entry.getCrc()) {
                    throw ofMember.damaged("its checksum is wrong");
                }
                return array;
            } catch (IOException | RuntimeException e) {
                array.close();
                throw e;
            }
        } catch (ZipException e) {
            throw ofMember.damaged(String.valueOf(e.getMessage()));
        }
    }

    private SharedArray read(InputStream unpacked, ZipEntry entry, NpyFailures ofMember) throws IOException {
        NpyHeader header = NpyHeader.read(unpacked, ofMember);
        if (header.start() + header.bytes() > entry.getSize()) {
            throw ofMember.damaged("it ends before the array does"); // before memory is taken for what it claims
        }
        SharedArray array = alcove.allocate(header.dtype(), List.of(), header.shape());
        try {
            if (header.isFortranOrder()) {
                readFortran(header, NpyBytes.of(unpacked), array, ofMember);
            } else {
                new NpyElements(header, NpyBytes.of(unpacked), ofMember).into(array);
            }
            return array;
        } catch (RuntimeException | Error e) {
            array.close();
            throw e;
        }
    }

    /** Unpacks first, because what is packed can be read in its own order alone. */
    private void readFortran(NpyHeader header, NpyBytes unpacked, SharedArray array, NpyFailures ofMember) {
        try (SharedArray bytes = alcove.allocate(DType.UINT8, List.of(), header.bytes())) {
            new NpyElements(header, unpacked, ofMember).asTheyAreInto(bytes);
            new NpyElements(header, NpyBytes.of(bytes), ofMember).into(array);
        }
    }

    private static void close(Map<String, SharedArray> arrays) {
        arrays.values().forEach(SharedArray::close);
    }
}
