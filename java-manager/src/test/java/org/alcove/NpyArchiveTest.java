package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** .npz files. */
class NpyArchiveTest {
    private static final String WRITER = """
            import sys, zipfile
            import numpy
            folder = sys.argv[1]
            image = numpy.arange(24, dtype="<u2").reshape(4, 2, 3)
            arrays = {"image": image, "turned": numpy.asfortranarray(image), "big": image.astype(">f8"),
                      "gr\\u00f6\\u00dfe": numpy.float32(2.5), "none": numpy.zeros((0, 3))}
            numpy.savez(folder + "/stored.npz", **arrays)
            numpy.savez_compressed(folder + "/deflated.npz", **arrays)
            with zipfile.ZipFile(folder + "/zip64.npz", "w") as archive:
                for name, array in arrays.items():
                    with archive.open(name + ".npy", "w", force_zip64=True) as member:
                        numpy.lib.format.write_array(member, numpy.asanyarray(array))
            print("done")
            """;

    @RegisterExtension
    final Workbench workbench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void open() {
        alcove = workbench.open();
    }

    @Test
    void readsAllArraysThatNumpySaved() throws IOException {
        try (PythonProgram python = PythonProgram.start(WRITER, workbench.folder())) {
            assertEquals("done", python.readLine());
        }
        short[] counted = new short[24];
        double[] numbers = new double[24];
        for (short i = 0; i < 24; i++) {
            counted[i] = i;
            numbers[i] = i;
        }
        for (String name : List.of("stored.npz", "deflated.npz", "zip64.npz")) {
            Map<String, SharedArray> arrays = NpyFile.readAll(alcove, workbench.folder().resolve(name));
            assertEquals(List.of("image", "turned", "big", "größe", "none"), List.copyOf(arrays.keySet()));
            assertArrayEquals(counted, arrays.get("image").toShorts());
            assertArrayEquals(counted, arrays.get("turned").toShorts());
            assertArrayEquals(new long[] {4, 2, 3}, arrays.get("turned").shape());
            assertArrayEquals(numbers, arrays.get("big").toDoubles());
            assertArrayEquals(new float[] {2.5f}, arrays.get("größe").toFloats());
            assertArrayEquals(new long[] {0, 3}, arrays.get("none").shape());
            arrays.values().forEach(SharedArray::close);
        }
    }

    @Test
    void refusesWhatHoldsAnythingElse() throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("image.npy", image());
        members.put("run.py", new byte[5]);
        assertRefused("unsupported", "run.py", archive(members));
        assertRefused("not_an_array", "a.npy in", archive(Map.of("a.npy", "something".getBytes())));
        assertRefused("not_an_array", "zip", workbench.file("text.npz", "no archive"));
        assertRefused("not_an_array", "zip", workbench.file("empty.npz", ""));
        assertRefused("not_found", "no file", workbench.folder().resolve("none.npz"));
        assertEquals(0, openArrays(), "arrays were left open");
    }

    @Test
    void takesNoMemoryForWhatIsNotThere() throws IOException {
        byte[] header = NpyHeader.bytes(DType.UINT8, false, new long[] {1L << 50});
        assertRefused("damaged", "ends before", archive(Map.of("huge.npy", header)));
        assertTrue(workbench.blocks().isEmpty());
    }

    @Test
    void noticesAPixelThatHasChanged() throws IOException {
        byte[] member = image();
        Path path = workbench.folder().resolve("stored.npz");
        try (ZipOutputStream archive = new ZipOutputStream(Files.newOutputStream(path))) {
            archive.setLevel(Deflater.NO_COMPRESSION);
            archive.putNextEntry(new ZipEntry("image.npy"));
            archive.write(member);
        }
        byte[] bytes = Files.readAllBytes(path);
        bytes[member.length - 100]++; // some way before the end of the elements, behind the zip's own header
        Files.write(path, bytes);
        assertRefused("damaged", "checksum", path);
        assertEquals(0, openArrays(), "the array was left open");
    }

    @Test
    void ofDamagedArchivesNothingComesButArraysOrAClearError() throws IOException {
        byte[] whole = Files.readAllBytes(archive(Map.of("a.npy", image())));
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] bytes = i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0 && bytes.length > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                NpyFile.readAll(alcove, Files.write(workbench.folder().resolve("damaged.npz"), bytes))
                        .values().forEach(array -> {
                            assertArrayEquals(new short[600], array.toShorts());
                            array.close();
                        });
            } catch (AlcoveException failure) {
                assertEquals(ErrorKind.FILE_FAILED, failure.kind());
                refused++;
            }
        }
        assertTrue(refused > 200, refused + " were refused");
        assertEquals(0, openArrays(), "arrays were left open");
    }

    /** Blocks are used again when nobody has them: as many arrays as there are blocks need no further one. */
    private int openArrays() {
        int blocks = workbench.blocks().size();
        List<SharedArray> arrays = Stream.generate(() -> alcove.allocate(DType.UINT16, List.of(), 20, 30))
                .limit(blocks)
                .toList();
        int more = workbench.blocks().size() - blocks;
        arrays.forEach(SharedArray::close);
        return more;
    }

    private byte[] image() throws IOException {
        Path path = workbench.folder().resolve("image.npy");
        NpyFile.write(path, DType.UINT16, new short[600], 20, 30);
        return Files.readAllBytes(path);
    }

    private void assertRefused(String cause, String words, Path path) {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> NpyFile.readAll(alcove, path));
        assertEquals(ErrorKind.FILE_FAILED, failure.kind());
        assertEquals(cause, failure.data().get("cause"), failure.getMessage());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    private Path archive(Map<String, byte[]> members) throws IOException {
        Path path = workbench.folder().resolve("archive.npz");
        try (ZipOutputStream archive = new ZipOutputStream(Files.newOutputStream(path))) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                archive.putNextEntry(new ZipEntry(member.getKey()));
                archive.write(member.getValue());
            }
        }
        return path;
    }
}
