package org.alcove.batch;

import ij.IJ;
import ij.ImagePlus;
import ij.process.ShortProcessor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.alcove.Alcove;
import org.alcove.Op;
import org.alcove.Settings;
import org.alcove.TestToolbox;
import org.alcove.Workbench;

/** What tests of batches need: image files that ImageJ has written, ops that measure them, and looks at what came out. */
final class BatchBench {
    /** What the brightness of an image makes of the op: see {@link #images}. */
    static final String OPS = """
            import os, time
            from dataclasses import dataclass
            from pathlib import Path
            from typing import Any, Optional
            from alcove import Image, InOut, Labels, Table, op

            @dataclass
            class Found:
                labels: Labels
                count: int
                cells: Table

            @op
            def measure(image: Image, threshold: int = 100, marks: str = "") -> Found:
                import numpy
                value = int(image.flat[0])
                if value == 1:
                    raise ValueError("too dark\\nto see")
                if value == 2 or value == 3 and not Path(marks).exists():
                    Path(marks).touch() if marks else None
                    os._exit(9)
                if value == 4:
                    time.sleep(1000)
                labels = (image > threshold).astype("uint16")
                values, counts = numpy.unique(labels, return_counts=True)
                return Found(labels, int(labels.sum()), {"label": values.tolist(), "area": counts.tolist()})

            @op
            def brighten(image: InOut[Image], by: int) -> None:
                image += by

            @dataclass
            class Both:
                both: Optional[Labels]
                more: Any

            @op
            def combine(image: Image, mask: Image, name: str) -> Both:
                both = (image > 100) & (mask > 100)
                found = both.astype("uint8") if name != "none" else None
                return Both(found, {"pixels": int(both.sum()), "mask": both.astype("uint8")})

            @op
            def read(file: Path) -> Image:
                import numpy
                if file.name == "deadly.raw":
                    os._exit(3)
                return numpy.frombuffer(file.read_bytes(), "<u2").reshape(4, -1).copy()

            @op
            def large(image: Image) -> Image:
                time.sleep(0.05)
                return image + 1

            @op
            def add(first: int, second: int = 10) -> int:
                return first + second

            @op
            def wait(there: str, number: int) -> int:
                Path(there + str(number)).touch()
                while not Path(there + "go").exists():
                    time.sleep(0.01)
                return number
            """;
    static final int WIDTH = 32;
    static final int HEIGHT = 16;

    private final Workbench bench;

    BatchBench(Workbench bench) {
        this.bench = bench;
    }

    Alcove open() throws IOException {
        return open(bench.memoryDirectory());
    }

    /** With another memory directory than the bench's. */
    Alcove open(Path memoryDirectory) throws IOException {
        Settings settings = TestToolbox.settings(memoryDirectory);
        Alcove alcove = Alcove.open(settings);
        bench.closeLater(alcove);
        return alcove;
    }

    Op op(Alcove alcove, String name) {
        return alcove.op(bench.file("batch ops.py", OPS), name, TestToolbox.python());
    }

    /** One image file for each brightness of its first pixel; half of its pixels are 1000. */
    List<Path> images(int... brightnesses) {
        System.setProperty("java.awt.headless", "true");
        Path folder = bench.folder().resolve("plate ä");
        List<Path> files = new ArrayList<>();
        try {
            for (int brightness : brightnesses) {
                short[] pixels = new short[WIDTH * HEIGHT];
                Arrays.fill(pixels, 0, pixels.length / 2, (short) 1000);
                pixels[0] = (short) brightness;
                Path file = folder.resolve("row " + files.size() / 3).resolve("well %02d.tif".formatted(files.size()));
                Files.createDirectories(file.getParent());
                IJ.saveAsTiff(new ImagePlus("", new ShortProcessor(WIDTH, HEIGHT, pixels, null)), file.toString());
                files.add(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    List<BatchItem> items(List<Path> files) {
        Path folder = bench.folder().resolve("plate ä");
        return files.stream().map(file -> BatchItem.of("image", file, folder)).toList();
    }

    Path output() {
        return bench.folder().resolve("results ö");
    }

    /** All files in the output folder that people look at, by their paths in it. */
    List<String> files() {
        try (Stream<Path> all = Files.walk(output())) {
            return all.filter(Files::isRegularFile)
                    .map(file -> output().relativize(file).toString())
                    .filter(name -> !name.startsWith(BatchFolder.OWN))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(String file) {
        try {
            return Files.readString(output().resolve(file)).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The report without what differs from run to run: seconds and workers. */
    List<String> report() {
        return text("report.csv").lines()
                .map(line -> line.replaceAll(",[0-9.]+(E-?\\d+)?,\\d*,", ",_,"))
                .toList();
    }

    /** Takes the output folder away. */
    void forget() throws IOException {
        try (Stream<Path> all = Files.walk(output())) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
