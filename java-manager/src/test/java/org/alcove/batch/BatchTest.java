package org.alcove.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.DType;
import org.alcove.Eventually;
import org.alcove.SmallFileSystem;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Batches of real image files in real workers: what is written, and what is done again. */
class BatchTest {
    @RegisterExtension
    final Workbench workbench = new Workbench();

    private final BatchBench bench = new BatchBench(workbench);

    @Test
    void imagesBecomeImagesValuesAndTables() throws Exception {
        Alcove alcove = bench.open();
        Batch batch = Batch.of(alcove, bench.op(alcove, "measure"))
                .items(bench.items(bench.images(500, 600, 50, 700)))
                .tables(BatchTables.SEPARATE)
                .workers(2)
                .output(bench.output());
        BatchResult result = batch.run();
        assertEquals(List.of(4L, 0L, 0L, 0L, 0L),
                List.of(result.done(), result.failed(), result.quarantined(), result.pending(), result.skipped()));
        assertEquals(
                List.of("report.csv",
                        "row 0/well 00_cells.csv", "row 0/well 00_labels.tif", "row 0/well 01_cells.csv", "row 0/well 01_labels.tif",
                        "row 0/well 02_cells.csv", "row 0/well 02_labels.tif", "row 1/well 03_cells.csv", "row 1/well 03_labels.tif",
                        "values.csv"),
                bench.files());
        assertEquals("""
                item,count
                row 0/well 00.tif,256
                row 0/well 01.tif,256
                row 0/well 02.tif,255
                row 1/well 03.tif,256
                """, bench.text("values.csv"));
        assertEquals("label,area\n0,257\n1,255\n", bench.text("row 0/well 02_cells.csv"));
        assertEquals(
                List.of("item,status,kind,message,seconds,worker,outputs",
                        "row 0/well 00.tif,done,,,_,row 0/well 00_labels.tif; row 0/well 00_cells.csv",
                        "row 0/well 01.tif,done,,,_,row 0/well 01_labels.tif; row 0/well 01_cells.csv",
                        "row 0/well 02.tif,done,,,_,row 0/well 02_labels.tif; row 0/well 02_cells.csv",
                        "row 1/well 03.tif,done,,,_,row 1/well 03_labels.tif; row 1/well 03_cells.csv"),
                bench.report());
        assertEquals(1, IJ.openImage(bench.output().resolve("row 1/well 03_labels.tif").toString()).getProcessor().get(0, 0));
    }

    @Test
    void doesAgainWhatChangedAndNothingElse() throws Exception {
        Alcove alcove = bench.open();
        List<Path> images = bench.images(500, 600, 700);
        Batch batch = Batch.of(alcove, bench.op(alcove, "measure"))
                .items(bench.items(images)).set("threshold", 100).workers(2).output(bench.output());
        batch.run();
        List<String> before = bench.files();
        assertEquals("item,label,area\nrow 0/well 00.tif,0,256\nrow 0/well 00.tif,1,256\n",
                bench.text("cells.csv").lines().limit(3).reduce("", (all, line) -> all + line + "\n"));
        assertEquals(3, batch.run().skipped());
        assertEquals(before, bench.files());

        Files.delete(bench.output().resolve("row 0/well 01_labels.tif"));
        assertEquals(List.of("row 0/well 01.tif"), done(batch));
        Files.setLastModifiedTime(images.get(2), FileTime.fromMillis(1_000_000_000_000L));
        assertEquals(List.of("row 0/well 02.tif"), done(batch));
        assertEquals(3, done(batch.set("threshold", 800)).size());
        assertEquals(3, done(batch).size(), "what stands there now was made with another threshold");
        assertEquals(0, done(batch).size());
        bench.op(alcove, "measure"); // writes the op file again, as it was
        assertEquals(0, done(batch).size());
        Path opFile = workbench.file("batch ops.py", BatchBench.OPS + "\n# another version\n");
        assertEquals(3, done(Batch.of(alcove, alcove.op(opFile, "measure", TestToolbox.python()))
                .items(bench.items(images)).set("threshold", 100).output(bench.output())).size());
        assertEquals(before, bench.files());
    }

    private static List<String> done(Batch batch) {
        List<String> done = new ArrayList<>();
        batch.workers(1).onOutcome(outcome -> done.add(outcome.item())).run();
        return done;
    }

    @Test
    void anItemThatFailsCostsOneLine() throws Exception {
        Alcove alcove = bench.open();
        List<Path> images = bench.images(500, 1, 2, 3, 4, 500, 500);
        Files.write(images.get(5), new byte[100]);
        Batch batch = Batch.of(alcove, bench.op(alcove, "measure"))
                .items(bench.items(images))
                .set("marks", workbench.folder().resolve("marks").toString())
                .deadline(Duration.ofMillis(500))
                .workers(2)
                .output(bench.output());
        BatchResult result = batch.run();
        assertEquals(List.of(3L, 3L, 1L), List.of(result.done(), result.failed(), result.quarantined()));
        List<String> report = bench.report();
        assertEquals("row 0/well 01.tif,failed,op_failed,ValueError: too dark to see,_,", report.get(2));
        assertTrue(report.get(3).startsWith("row 0/well 02.tif,quarantined,worker_died,"), report.get(3));
        assertEquals("row 1/well 03.tif,done,,,_,row 1/well 03_labels.tif", report.get(4));
        assertTrue(report.get(5).startsWith("row 1/well 04.tif,failed,deadline_exceeded,"), report.get(5));
        assertTrue(report.get(6).startsWith("row 1/well 05.tif,failed,file_failed,"), report.get(6));
        assertEquals(List.of("row 0/well 00.tif,256", "row 1/well 03.tif,255", "row 2/well 06.tif,256"),
                bench.text("values.csv").lines().skip(1).toList());

        assertEquals(7, batch.run().skipped());
        assertEquals(Set.of("row 0/well 01.tif", "row 1/well 05.tif"),
                Set.copyOf(done(batch.retryFailed(true).deadline(Duration.ofSeconds(60)).items(
                        bench.items(List.of(images.get(0), images.get(1), images.get(5)))))));
    }

    @Test
    void rowsOfParametersGiveTheSameWhateverTheNumberOfWorkers() throws Exception {
        Alcove alcove = bench.open();
        List<BatchItem> rows = IntStream.range(0, 300)
                .mapToObj(i -> new BatchItem("row " + i, Map.of("first", i)))
                .toList();
        Batch batch = Batch.of(alcove, bench.op(alcove, "add")).items(rows).output(bench.output());
        batch.workers(1).run();
        String one = bench.text("values.csv");
        assertEquals("item,first,result\nrow 0,0,10\nrow 1,1,11\n", one.substring(0, one.indexOf("row 2")));
        bench.forget();
        List<BatchProgress> progress = new ArrayList<>();
        batch.workers(3).onProgress(progress::add).run();
        assertEquals(one, bench.text("values.csv"));
        BatchProgress last = progress.get(progress.size() - 1);
        assertEquals(List.of(300L, 0L, 0L), List.of(last.done(), last.failed(), last.skipped()));
        assertEquals(BatchProgress.Stage.FINISHING, last.stage());
    }

    @Test
    void imagesThatTheOpChangesAreOutputs() throws Exception {
        Alcove alcove = bench.open();
        List<Path> images = bench.images(500, 600);
        Batch.of(alcove, bench.op(alcove, "brighten")).items(bench.items(images)).set("by", 7).output(bench.output()).run();
        assertEquals(607, IJ.openImage(bench.output().resolve("row 0/well 01_image.tif").toString()).getProcessor().get(0, 0));
        assertEquals(600, IJ.openImage(images.get(1).toString()).getProcessor().get(0, 0));
    }

    @Test
    void severalImagesOfOneItemAndOutputsThatMayBeMissing() throws Exception {
        Alcove alcove = bench.open();
        List<Path> images = bench.images(500, 50, 600);
        List<BatchItem> items = List.of(
                new BatchItem("a", Map.of("image", images.get(0), "name", "a")),
                new BatchItem("b", Map.of("image", images.get(1), "name", "none")));
        Batch.of(alcove, bench.op(alcove, "combine"))
                .items(items).set("mask", images.get(2)).set("name", "unused").output(bench.output()).run();
        List<String> written = bench.files().stream().filter(name -> name.endsWith(".tif")).toList();
        assertEquals(List.of("a_both.tif", "a_more-mask.tif", "b_more-mask.tif"), written);
        assertEquals("""
                item,name,more
                a,a,"{""pixels"":256,""mask"":""a_more-mask.tif""}"
                b,none,"{""pixels"":255,""mask"":""b_more-mask.tif""}"
                """, bench.text("values.csv"));
    }

    @Test
    void readsFilesByAnOpThatItselfMayDie() throws Exception {
        Alcove alcove = bench.open();
        List<Path> files = new ArrayList<>();
        for (String name : List.of("a.raw", "deadly.raw", "odd.raw", "b.raw")) {
            files.add(Files.write(workbench.folder().resolve(name), new byte[name.equals("odd.raw") ? 3 : 64]));
        }
        List<BatchItem> items = files.stream().map(file -> BatchItem.of("image", file, workbench.folder())).toList();
        Batch batch = Batch.of(alcove, bench.op(alcove, "large"))
                .items(items).reader(bench.op(alcove, "read")).workers(2).output(bench.output());
        batch.run();
        assertEquals(List.of("done", "quarantined", "failed", "done"),
                bench.report().stream().skip(1).map(line -> line.split(",")[1]).toList());
        assertEquals(
                List.of("a.raw DONE [a_image.tif]", "deadly.raw QUARANTINED [deadly_image.tif]",
                        "odd.raw FAILED [odd_image.tif]", "b.raw PENDING [b_image.tif]"),
                batch.items(List.of(items.get(0), items.get(1), items.get(2),
                                new BatchItem("b.raw", Map.of("image", files.get(0))))).plan().stream()
                        .map(planned -> planned.item() + " " + planned.status() + " "
                                + planned.outputs().stream().map(Path::getFileName).toList())
                        .toList());
    }

    @Test
    void manyImagesGoThroughLittleSharedMemory() throws Exception {
        Path memory = workbench.folder().resolve("little memory");
        List<BatchItem> items = IntStream.range(0, 12)
                .mapToObj(i -> new BatchItem("i" + i, Map.of("image", Path.of("i" + i))))
                .toList();
        try (SmallFileSystem small = SmallFileSystem.mount(memory, 24);
                Alcove alcove = bench.open(memory)) {
            BatchResult result = Batch.of(alcove, bench.op(alcove, "large"))
                    .items(items)
                    .reader(file -> alcove.share(DType.UINT8, new byte[3 << 20], "y x", 3 << 10, 1 << 10))
                    .workers(6)
                    .output(bench.output())
                    .run();
            assertEquals(List.of(12L, 0L), List.of(result.done(), result.failed()), bench.text("report.csv"));
        }
    }

    @Test
    void stopsGentlyOrAtOnceAndGoesOnLater() throws Exception {
        Alcove alcove = bench.open();
        String there = workbench.folder().resolve("there").toString();
        List<BatchItem> rows = IntStream.range(0, 20)
                .mapToObj(i -> new BatchItem("row " + i, Map.of("number", i)))
                .toList();
        Batch batch = Batch.of(alcove, bench.op(alcove, "wait"))
                .items(rows).set("there", there).workers(2).output(bench.output());

        BatchRun cancelled = batch.start();
        Eventually.becomes("two items run", () -> cancelled.progress().running().size() == 2);
        cancelled.cancel();
        assertEquals(20, cancelled.await().pending());

        BatchRun stopped = batch.start();
        Eventually.becomes("two items run", () -> stopped.progress().running().size() == 2);
        stopped.stop();
        Files.createFile(Path.of(there + "go"));
        BatchResult result = stopped.await();
        assertEquals(List.of(2L, 18L), List.of(result.done(), result.pending()));
        assertEquals(18, bench.text("report.csv").lines().filter(line -> line.endsWith(",pending,,,,,")).count());

        assertEquals(List.of(20L, 2L), List.of(batch.run().done(), batch.run().skipped() - 18));
    }

    @Test
    void aCancelInTheMiddleOfWritingCostsNoReport() throws Exception {
        Alcove alcove = bench.open();
        List<BatchItem> rows = IntStream.range(0, 3000)
                .mapToObj(i -> new BatchItem("row " + i, Map.of("first", i)))
                .toList();
        Batch batch = Batch.of(alcove, bench.op(alcove, "add")).items(rows).workers(2).output(bench.output());
        BatchRun run = batch.start();
        Eventually.becomes("some are done", () -> run.progress().done() > 20);
        run.cancel();
        BatchResult result = run.await();
        assertTrue(result.done() > 20 && result.pending() > 0, result.toString());
        assertEquals(3001, bench.text("report.csv").lines().count());
        assertEquals(result.done(), batch.run().skipped());
        assertEquals(3001, bench.text("values.csv").lines().count());
    }

    @Test
    void aListenerThatThrowsOrBlocksHarmsNothing() throws Exception {
        Alcove alcove = bench.open();
        CountDownLatch forEver = new CountDownLatch(1);
        Batch batch = Batch.of(alcove, bench.op(alcove, "add"))
                .items(List.of(new BatchItem("one", Map.of("first", 1)))).output(bench.output());
        assertEquals(1, batch.onProgress(progress -> {
            throw new IllegalStateException("as asked");
        }).run().done());
        assertEquals(1, batch.onOutcome(outcome -> {
            while (forEver.getCount() > 0) {
                Thread.onSpinWait();
            }
        }).retryFailed(true).set("second", 2).run().done());
        forEver.countDown();
    }
}
