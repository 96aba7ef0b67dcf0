package org.alcove.scijava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.measure.ResultsTable;
import ij.process.ByteProcessor;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.alcove.catalog.OpFolder;
import org.alcove.catalog.TrustedOps;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.scijava.Cancelable;
import org.scijava.Context;
import org.scijava.log.LogLevel;
import org.scijava.log.LogService;
import org.scijava.module.Module;
import org.scijava.module.ModuleInfo;
import org.scijava.module.ModuleItem;
import org.scijava.module.ModuleService;
import org.scijava.widget.NumberWidget;

/** Ops in a SciJava application without windows: a real context, real modules. */
class AlcoveServiceTest {
    private static final String OPS = """
            # /// script
            # dependencies = ["numpy"]
            # ///
            import enum, time
            from dataclasses import dataclass
            from pathlib import Path
            from typing import Annotated, Any, Literal, Optional
            from alcove import Image, InOut, Label, Labels, Mask, OpError, Out, Points, Range, Table, Unit, op, progress

            @dataclass
            class Found:
                labels: Labels
                count: int
                table: Table

            @op(title="Find bright", menu="Segmentation>Bright")
            def find(
                image: Image,
                threshold: Annotated[int, Range(0, 255, step=5), Label("At least"), Unit("grey")] = 100,
                mode: Literal["above", "below"] = "above",
            ) -> Found:
                '''Finds what is bright.

                threshold: how bright'''
                chosen = image >= threshold if mode == "above" else image < threshold
                return Found(chosen.astype("uint16"), int(chosen.sum()), {"area": [1.5, int(chosen.sum())]})

            @op
            def echo(
                whole: int, factor: float = 1.5, flag: bool = True, text: str = "a b", file: Path = Path("x.tif"),
                level: Literal[1, 2] = 2, either: Literal["a", 1] = 1, numbers: list[float] = [1.0],
                options: dict = {}, complex_number: complex = 1 + 2j, maybe: Optional[Image] = None, anything: Any = 7,
            ) -> str:
                parts = [whole, factor, flag, text, file.name, level, either, numbers, options, complex_number, maybe, anything]
                return "|".join(repr(part) for part in parts)

            @op
            def copy(image: Image, out: Out[Image]) -> None:
                out[...] = image + 1

            @op
            def invert(image: InOut[Image]) -> None:
                image[...] = 255 - image

            @op
            def split(image: Image) -> list[Image]:
                return [image, 2 * image]

            @op
            def profile(image: Image) -> Points:
                return [[1.0, 2.0], [3.0, 4.5]]

            @op
            def wait(file: Path) -> int:
                file.touch()
                for _ in progress.over(range(100_000)):
                    time.sleep(0.01)
                return 1

            @op
            def fail() -> int:
                raise OpError("there are no cells", hint="look again")
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Context context;
    private ModuleService modules;
    private AlcoveService service;
    private Path file;
    private Path data;

    @BeforeEach
    void start() throws IOException {
        data = bench.folder().resolve("data");
        file = Files.createDirectory(bench.folder().resolve("plugins ü")).resolve("my ops.py");
        Files.writeString(file, OPS);
        context = new Context();
        service = context.service(AlcoveService.class);
        modules = context.service(ModuleService.class);
        context.service(LogService.class).setLevel(LogLevel.NONE); // SciJava prints each failure
    }

    @AfterEach
    void end() {
        context.dispose();
    }

    @Test
    void itIsFoundByTheIndexInTheJarAndStartsNothing() {
        assertEquals(List.of(), ProcessHandle.current().children().toList());
        assertTrue(context.getServiceIndex().getAll().contains(service));
    }

    @Test
    void aModuleSaysWhatTheOpTakes() throws Exception {
        use();
        ModuleInfo info = info("find");
        assertEquals("Plugins > Alcove > Segmentation > Bright > Find bright", info.getMenuPath().getMenuString());
        assertEquals("Find bright", info.getTitle());
        assertEquals("Finds what is bright.", info.getDescription());
        assertTrue(info.isValid() && info.canRunHeadless() && info.canCancel());
        assertEquals(info, modules.getModuleById("alcove:" + file + ":find"));
        ModuleItem<Long> threshold = info.getInput("threshold", Long.class);
        assertEquals("At least (grey)", threshold.getLabel());
        assertEquals("how bright", threshold.getDescription());
        assertEquals(List.of(0L, 255L, 5L, 100L), List.of(
                threshold.getMinimumValue(), threshold.getMaximumValue(), threshold.getStepSize(), threshold.getDefaultValue()));
        assertEquals(NumberWidget.SLIDER_STYLE, threshold.getWidgetStyle());
        assertFalse(threshold.isRequired() || threshold.isPersisted());
        assertEquals(List.of("above", "below"), info.getInput("mode", String.class).getChoices());
        assertEquals(ImagePlus.class, info.getInput("image").getType());
        assertTrue(info.getInput("image").isRequired() && info.getInput("image").isAutoFill());
        assertFalse(info("echo").getInput("maybe").isRequired() || info("echo").getInput("maybe").isAutoFill());
        assertEquals(ResultsTable.class, info.getOutput("table").getType());
        assertNull(info("copy").getInput("out"), "there is nothing to give");
        assertEquals(ImagePlus.class, info("copy").getOutput("out").getType());
        service.refresh();
        assertEquals(info, info("find"), "what has not changed is not made anew");
    }

    @Test
    void itRunsOnImagesAsScriptsRunIt() throws Exception {
        use();
        Module module = modules.run(info("find"), true, "image", image(), "threshold", "150").get();
        ImagePlus labels = assertInstanceOf(ImagePlus.class, module.getOutput("labels"));
        assertEquals(1L, module.getOutput("count"));
        assertEquals(1, labels.getProcessor().get(1, 1));
        assertEquals("Find bright of spot", labels.getTitle());
        assertEquals(1.5, assertInstanceOf(ResultsTable.class, module.getOutput("table")).getValue("area", 0));
        Map<String, Object> inputs = Map.of("image", image(), "mode", "below", "threshold", 150);
        assertEquals(3L, modules.run(info("find"), true, inputs).get().getOutput("count"));
        assertEquals(2L, service.run("my ops.py:find", "image", image()).get("count"));
        assertEquals(2L, service.run("Find bright", Map.of("image", image())).get("count"));
    }

    @Test
    void everyTypeComesAsItIsOrAsText() throws Exception {
        use();
        assertEquals(
                "1|1.5|True|'a b'|'x.tif'|2|1|[1.0]|{}|(1+2j)|None|7",
                modules.run(info("echo"), true, "whole", 1).get().getOutput("result"));
        assertEquals(
                "-3|0.5|False|'1'|'ä.tif'|1|'a'|[2.5, 3.0]|{'a': 1}|(3-1j)|None|'text'",
                modules.run(info("echo"), true, "whole", "-3", "factor", "0.5", "flag", "false", "text", "1",
                        "file", new File("/tmp/ä.tif"), "level", "1", "either", "a", "numbers", List.of(2.5, 3),
                        "options", Map.of("a", 1), "complex_number", "3-1j", "anything", "\"text\"").get().getOutput("result"));
        assertEquals(
                "2|1.5|True|'a b'|'x.tif'|2|1|[0.5]|{}|(1+2j)|None|[1, 2]",
                service.run("echo", "whole", 2.0, "numbers", "[0.5]", "anything", List.of(1, 2)).get("result"));
    }

    @Test
    void arraysThatTheOpFillsOrChangesComeOut() throws Exception {
        use();
        ImagePlus image = image();
        assertEquals(201, lastPixel(service.run("copy", "image", image).get("out")));
        assertEquals(55, lastPixel(service.run("invert", "image", image).get("image")));
        List<?> both = assertInstanceOf(List.class, service.run("split", "image", image).get("result"));
        assertEquals(144, lastPixel(both.get(1)));
        assertEquals(200, lastPixel(image));
    }

    private static int lastPixel(Object image) {
        return assertInstanceOf(ImagePlus.class, image).getProcessor().get(1, 1);
    }

    @Test
    void whatDoesNotFitIsSaidAndNotReplacedByADefault() throws Exception {
        use();
        AlcoveException text = assertThrows(AlcoveException.class, () -> service.run("echo", "whole", 1, "factor", "much"));
        assertEquals("factor cannot be 'much'", text.getMessage());
        Future<Module> outside = modules.run(info("find"), true, "image", image(), "threshold", 999);
        assertEquals(ErrorKind.INVALID_PARAMS, failure(outside).kind());
        assertEquals(ErrorKind.OP_FAILED, failure(modules.run(info("fail"), true)).kind());
        Module missing = modules.run(info("find"), true).get();
        assertTrue(((Cancelable) missing).isCanceled(), "SciJava sees to what is required");
        AlcoveException unknown = assertThrows(AlcoveException.class, () -> service.run("fail", "cells", 1));
        assertTrue(unknown.getMessage().contains("no input cells"), unknown.getMessage());
        AlcoveException none = assertThrows(AlcoveException.class, () -> service.run("my ops.py:nothing"));
        assertEquals(ErrorKind.OP_NOT_FOUND, none.kind());
        assertTrue(none.hint().orElse("").contains("my ops.py:find"), none.hint()::toString);
    }

    @Test
    void aCancelledModuleEndsItsCall() throws Exception {
        use();
        Module module = modules.createModule(info("wait"));
        Path begun = bench.folder().resolve("begun");
        Future<Module> running = modules.run(module, true, "file", begun.toFile());
        Eventually.becomes("the op runs", () -> Files.exists(begun));
        module.cancel();
        running.get();
        assertTrue(((Cancelable) module).isCanceled());
        assertNull(module.getOutput("result"));
    }

    @Test
    void nothingRunsThatNobodyAgreedTo() throws Exception {
        Alcove alcove = open();
        service.use(alcove, List.of(new OpFolder(file.getParent(), List.of())));
        ModuleInfo found = info("find");
        assertEquals("Find bright", found.getTitle(), "it is found all the same");
        AlcoveException refused = failure(modules.run(found, true, "image", image()));
        assertEquals("my ops.py is new, and nobody has agreed to run it", refused.getMessage());
        trust();
        Module module = modules.run(found, true, "image", image(), "threshold", 150).get();
        assertEquals(1L, module.getOutput("count"), "it is described when it first runs");
        assertTrue(info("find").getInput("image").isRequired());
        Files.writeString(file, OPS + "\n# changed");
        AlcoveException changed = failure(modules.run(info("find"), true, "image", image()));
        assertEquals("my ops.py has changed, and nobody has agreed to run it", changed.getMessage());
    }

    @Test
    void theFilesAreLookedAtAgain() throws Exception {
        use();
        Files.writeString(file, "from alcove import op\n\n@op\ndef other() -> int:\n    return\n\n@op\ndef more(x): ...\n");
        trust();
        service.refresh();
        Eventually.becomes("a file that does not load has no modules", () -> service.ops().isEmpty());
        assertEquals(List.of(), modules.getModules().stream().filter(OpModuleInfo.class::isInstance).toList());
    }

    @Test
    void withoutImageJTheImagesAreThoseOfImgLib2() throws Exception {
        open().close();
        trust();
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(withoutImageJ(), ClassLoader.getPlatformClassLoader())) {
            // Where SciJava looks for plugins; a URLClassLoader itself would make it look through all classes.
            Thread.currentThread().setContextClassLoader(new ClassLoader(loader) {});
            assertThrows(ClassNotFoundException.class, () -> loader.loadClass("ij.ImagePlus"));
            Object said = loader.loadClass(WithoutImageJ.class.getName())
                    .getMethod("run", String.class, String.class, String.class)
                    .invoke(null, data.toString(), bench.memoryDirectory().toString(), file.getParent().toString());
            assertEquals("0 1 2 [1.5, 2]", said);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static URL[] withoutImageJ() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String path : classPath.split(File.pathSeparator)) {
            if (!new File(path).getName().matches("ij-.*\\.jar")) {
                urls.add(new File(path).toURI().toURL());
            }
        }
        return urls.toArray(new URL[0]);
    }

    /** Where there is neither, the arrays are Alcove's own. */
    @Test
    void plainArraysAreHandedOver() throws Exception {
        Alcove alcove = open();
        Exchange plain = new PlainExchange();
        try (SharedArray array = alcove.share(DType.UINT8, new byte[] {1, 2}, "x", 2)) {
            Parameter parameter = new Parameter(Map.of("name", "image", "type", "array", "role", "image"));
            assertEquals(SharedArray.class, plain.type(parameter));
            assertEquals(array, plain.fromOp(parameter, plain.toOp(alcove, parameter, array), "", null));
            assertFalse(plain.copies());
        }
    }

    /** Described and trusted, as after a first use. */
    private void use() throws Exception {
        Alcove alcove = open();
        trust();
        service.use(alcove, List.of(new OpFolder(file.getParent(), List.of())));
        Eventually.becomes("the ops are described", () -> info("find").getInput("image") != null);
    }

    private Alcove open() throws IOException {
        TestToolbox.environment(data, file);
        return bench.open(TestToolbox.settings(data, bench.memoryDirectory()));
    }

    private void trust() {
        TrustedOps trusted = TrustedOps.in(data);
        trusted.trust(trusted.question(file));
    }

    private ModuleInfo info(String op) {
        return service.ops().stream().filter(info -> info.getName().equals(op)).findFirst().orElseThrow();
    }

    private static ImagePlus image() {
        return new ImagePlus("spot", new ByteProcessor(2, 2, new byte[] {10, 20, 100, (byte) 200}));
    }

    private static AlcoveException failure(Future<Module> running) {
        ExecutionException failure = assertThrows(ExecutionException.class, running::get);
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return assertInstanceOf(AlcoveException.class, cause);
    }
}
