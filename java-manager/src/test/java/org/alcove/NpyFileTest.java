package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** .npy files: what numpy writes is read, what is written numpy reads. */
class NpyFileTest {
    /** Writes arrays of every kind; says of each what its elements are in C order, little-endian. */
    private static final String WRITER = """
            import hashlib, itertools, sys, warnings
            from pathlib import Path
            import numpy
            warnings.simplefilter("ignore")  # that old Pythons cannot read version 2 and 3
            dtypes = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128"
            shapes = [(), (0,), (5,), (3, 0, 2), (3, 4), (2, 3, 4), (1, 5, 1, 2), (130, 70), (3, 5000, 2),
                      (50000, 3), (3, 2, 25000), (7, 300, 80), (300, 600)]
            random = numpy.random.default_rng(1)
            for name, shape, order, byteorder in itertools.product(dtypes.split(), shapes, "CF", "<>"):
                size = numpy.prod(shape)
                if size > 100 and name not in ("uint16", "complex128", "bool") or size > 100_000 and name != "complex128":
                    continue
                dtype = numpy.dtype(name)
                count = int(numpy.prod(shape))
                raw = random.integers(0, 2 if name == "bool" else 256, count * dtype.itemsize, numpy.uint8)
                values = raw.view(dtype).reshape(shape)
                stored = numpy.array(values.astype(dtype.newbyteorder(byteorder)), order=order)
                version = [(1, 0), (2, 0), (3, 0)][count % 3]
                path = Path(sys.argv[1], "-".join([name, order, byteorder.replace("<", "l").replace(">", "b")])
                            + "-" + "x".join(map(str, shape)) + ".npy")
                with open(path, "wb") as file:
                    numpy.lib.format.write_array(file, stored, version)
                    file.write(b"garbage" * (count % 2))
                digest = hashlib.sha256(values.tobytes()).hexdigest()
                fortran = stored.flags.f_contiguous and not stored.flags.c_contiguous
                print(path.name, name, ",".join(map(str, shape)), fortran, digest)
            """;

    /** Says of the files that are named on its input what numpy finds in them. */
    private static final String READER = """
            import hashlib, sys
            import numpy
            for name in sys.argv[1:]:
                array = numpy.load(name)
                digest = hashlib.sha256(array.tobytes()).hexdigest()
                print(array.dtype.str, ",".join(map(str, array.shape)), bool(array.flags.fnc), digest)
            """;

    @RegisterExtension
    final Workbench workbench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void open() {
        alcove = workbench.open();
    }

    @Test
    void readsWhatNumpyWrites() throws Exception {
        Path folder = Files.createDirectory(workbench.folder().resolve("files"));
        int files = 0;
        try (PythonProgram python = PythonProgram.start(WRITER, folder)) {
            for (String line = python.readLine(); !line.equals("end of output"); line = python.readLine()) {
                String[] facts = line.split(" ");
                NpyFile file = NpyFile.open(folder.resolve(facts[0]));
                assertEquals(facts[1], file.dtype().word());
                assertEquals(facts[2], words(file.shape()));
                assertEquals(facts[3].equals("True"), file.isFortranOrder(), line);
                assertEquals(facts[0].contains("-b-") && file.dtype().bytes() > 1, file.isBigEndian(), line);
                try (SharedArray array = file.read(alcove)) {
                    assertEquals(facts[4], digest(array), line);
                    assertEquals(facts[2], words(array.shape()));
                }
                files++;
            }
        }
        assertEquals(4 * (14 * 7 + 3 * 2 + 4), files);
    }

    @Test
    void numpyReadsWhatIsWritten() throws Exception {
        long[][] shapes = {{}, {0}, {7}, {2, 0}, {3, 4}, {2, 3, 4}, {1, 5, 2, 1}, {70, 3, 130}, {9000, 2}, {2, 9000}};
        List<String> paths = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (long[] shape : shapes) {
                try (SharedArray array = random(dtype, shape)) {
                    Path path = workbench.folder().resolve("new folder").resolve(paths.size() + ".npy");
                    NpyFile.write(path, array);
                    paths.add(path.toString());
                    expected.add(String.join(" ", NpyType.descr(dtype), words(shape), "False", digest(array)));
                    Path fortran = path.resolveSibling(paths.size() + ".npy");
                    NpyFile.writeFortran(fortran, array);
                    paths.add(fortran.toString());
                    boolean differs = Arrays.stream(shape).filter(size -> size > 1).count() > 1 && array.size() > 0;
                    String order = differs ? "True" : "False";
                    expected.add(String.join(" ", NpyType.descr(dtype), words(shape), order, digest(array)));
                }
            }
        }
        try (PythonProgram python = PythonProgram.start(READER, paths.toArray())) {
            for (String line : expected) {
                assertEquals(line, python.readLine());
            }
        }
    }

    @Test
    void writesPrimitiveArraysInTheOrderThatTheyHave() throws IOException {
        Path path = workbench.folder().resolve("numbers.npy");
        short[] numbers = new short[300_000];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (short) i;
        }
        NpyFile.write(path, DType.UINT16, numbers, 300, 1000);
        try (SharedArray array = NpyFile.open(path).read(alcove)) {
            assertArrayEquals(numbers, array.toShorts());
        }
        NpyFile.writeFortran(path, DType.COMPLEX64, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2);
        try (SharedArray array = NpyFile.open(path).read(alcove)) {
            assertArrayEquals(new float[] {1, 2, 5, 6, 3, 4, 7, 8}, array.toFloats());
        }
        for (Object wrong : List.of(new int[4], new short[3])) {
            assertThrows(IllegalArgumentException.class, () -> NpyFile.write(path, DType.UINT16, wrong, 2, 2));
        }
        assertEquals(DType.COMPLEX64, NpyFile.open(path).dtype(), "what was there is still there");
    }

    @Test
    void mapsAFileWithoutReadingIt() {
        Path path = workbench.folder().resolve("big-endian.npy");
        write(path, header("{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }"),
                0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4);
        NpyFile file = NpyFile.open(path);
        ByteBuffer elements = file.map().get(0);
        assertTrue(file.isBigEndian() && file.isFortranOrder());
        assertEquals(List.of(7, 256, 9), List.of(elements.getInt(), elements.getInt(), elements.getInt()));
        assertTrue(elements.isReadOnly());
        try (SharedArray array = file.read(alcove)) {
            assertArrayEquals(new int[] {7, 9, 0, 256, 0, 0x01020304}, array.toInts());
        }
    }

    @Test
    void mapsFilesBeyondTwoGibibytes() throws IOException {
        Path path = workbench.folder().resolve("large.npy");
        byte[] header = NpyHeader.bytes(DType.FLOAT64, false, new long[] {3, 100_000_000});
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.write(header);
            sparse.setLength(header.length + 8L * 300_000_000); // a hole: it takes no room
            sparse.seek(sparse.length() - 8);
            sparse.writeLong(Long.reverseBytes(Double.doubleToLongBits(42)));
        }
        List<ByteBuffer> chunks = NpyFile.open(path).map();
        assertEquals(List.of(1 << 30, 1 << 30, 252_516_352), chunks.stream().map(ByteBuffer::remaining).toList());
        assertEquals(42, chunks.get(2).getDouble(252_516_352 - 8));
    }

    @Test
    void truthIsZeroOrOneWhateverTheFileHas() {
        Path path = workbench.folder().resolve("mask.npy");
        write(path, header("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }"), 0, 1, 77);
        try (SharedArray array = NpyFile.open(path).read(alcove)) {
            assertArrayEquals(new byte[] {0, 1, 1}, array.toBytes());
        }
    }

    @Test
    void replacesAFileWholeOrNotAtAll() throws IOException {
        Path folder = Files.createDirectory(workbench.folder().resolve("results"));
        Path path = folder.resolve("image.npy");
        Path link = folder.resolve("link.npy");
        NpyFile.write(path, DType.UINT8, new byte[] {1}, 1);
        Files.createSymbolicLink(link, path);
        SharedArray closed = alcove.allocate(DType.UINT8, List.of(), 5);
        closed.close();
        assertThrows(IllegalStateException.class, () -> NpyFile.write(path, closed));
        assertEquals(1, NpyFile.open(path).shape()[0]);
        NpyFile.write(link, DType.UINT8, new byte[] {1, 2}, 2);
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(2, NpyFile.open(path).shape()[0]);
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count(), "something was left");
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Path folder = workbench.folder();
        assertCause("not_found", "there is no file", () -> NpyFile.open(folder.resolve("none.npy")));
        assertCause("not_an_array", "a folder", () -> NpyFile.open(folder));
        assertCause("not_an_array", "empty", () -> NpyFile.open(workbench.file("empty.npy", "")));
        assertCause("not_an_array", "begin", () -> NpyFile.open(workbench.file("text.npy", "no array")));
        assertCause("exists", "a folder", () -> NpyFile.write(folder, DType.UINT8, new byte[1], 1));
        Path inAFile = workbench.file("file", "").resolve("array.npy");
        assertCause("failed", inAFile.toString(), () -> NpyFile.write(inAFile, DType.UINT8, new byte[1], 1));
        AlcoveException full = NpyFailures.in(inAFile).writing(new IOException("No space left on device"));
        assertEquals("disk_full", full.data().get("cause"));
    }

    @Test
    void noticesAFileThatHasBecomeShorter() throws IOException {
        Path path = workbench.folder().resolve("image.npy");
        NpyFile.write(path, DType.UINT8, new byte[1000], 1000);
        NpyFile file = NpyFile.open(path);
        try (RandomAccessFile shorter = new RandomAccessFile(path.toFile(), "rw")) {
            shorter.setLength(500);
        }
        assertCause("damaged", "500 of", () -> file.read(alcove));
        assertCause("damaged", "500 of", file::map);
        assertCause("damaged", "500 of", () -> NpyFile.open(path));
        assertEquals(0, workbench.blocks().size(), "nothing was allocated for it");
    }

    @Test
    void elementsBeginAtAMultipleOf64AndLongHeadersAreVersion2() {
        byte[] header = NpyHeader.bytes(DType.UINT16, false, new long[] {2, 3});
        assertEquals(0, header.length % 64);
        assertEquals(1, header[6]);
        byte[] endless = NpyHeader.bytes(DType.UINT16, false, new long[30_000]);
        assertEquals(2, endless[6]);
        assertEquals(endless.length - 12, ByteBuffer.wrap(endless, 8, 4).order(ByteOrder.LITTLE_ENDIAN).getInt());
        assertEquals(0, endless.length % 64);
    }

    private static void assertCause(String cause, String words, Executable action) {
        AlcoveException failure = assertThrows(AlcoveException.class, action);
        assertEquals(ErrorKind.FILE_FAILED, failure.kind());
        assertEquals(cause, failure.data().get("cause"), failure.getMessage());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
        assertFalse(failure.hint().orElse("").isEmpty());
    }

    private SharedArray random(DType dtype, long[] shape) {
        SharedArray array = alcove.allocate(dtype, List.of(), shape);
        Random random = new Random(array.size());
        array.forEachChunk(chunk -> {
            byte[] bytes = new byte[chunk.remaining()];
            random.nextBytes(bytes);
            for (int i = 0; dtype == DType.BOOL && i < bytes.length; i++) {
                bytes[i] &= 1;
            }
            chunk.put(bytes);
        });
        return array;
    }

    static byte[] header(String dict) {
        byte[] text = dict.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer header = ByteBuffer.allocate(10 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        header.put((byte) 0x93).put(new byte[] {'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) text.length).put(text);
        return header.array();
    }

    private static void write(Path path, byte[] header, int... elements) {
        ByteBuffer bytes = ByteBuffer.allocate(header.length + elements.length).put(header);
        Arrays.stream(elements).forEach(element -> bytes.put((byte) element));
        try {
            Files.write(path, bytes.array());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String words(long[] shape) {
        return String.join(",", Arrays.stream(shape).mapToObj(String::valueOf).toList());
    }

    private static String digest(SharedArray array) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        array.forEachChunk(digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }
}
