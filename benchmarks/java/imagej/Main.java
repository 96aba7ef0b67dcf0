package org.alcove.fiji;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.measure.ResultsTable;
import ij.process.ShortProcessor;
import java.awt.AWTEvent;
import java.awt.Toolkit;
import java.awt.event.ActionEvent;
import java.awt.event.WindowEvent;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;

/**
 * In ImageJ's own JVM and windows: {@code describe OPS} lets Alcove remember the ops; {@code dialog ROUNDS} measures from
 * the click in the menu to the dialog; {@code run ROUNDS OPS PYTHON} measures from OK to the result. Each line printed is
 * the name of a case and milliseconds.
 */
public final class Main {
    private static final int WIDTH = 8192;
    private static final int HEIGHT = 4096; // 64 MB of 16 bits
    private static final int WARM_UP = 3;
    private static final int CANCEL = 1;
    private static final int MILLISECONDS_UNTIL_CLICK = 2000; // nobody is faster after ImageJ's start

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "describe" -> describe(Path.of(arguments[1]));
            case "dialog" -> measureDialog(Integer.parseInt(arguments[1]));
            case "run" -> measureRuns(Integer.parseInt(arguments[1]), Path.of(arguments[2]), Path.of(arguments[3]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0);
    }

    private static void describe(Path ops) {
        try (Alcove alcove = Alcove.open()) {
            System.err.println(alcove.ops(ops).size() + " ops");
        }
    }

    private static void measureDialog(int rounds) throws Exception {
        ImageJ imageJ = new ImageJ();
        image().show();
        Commands.run("start");
        Thread.sleep(MILLISECONDS_UNTIL_CLICK);
        BlockingQueue<GenericDialog> opened = new ArrayBlockingQueue<>(10);
        Toolkit.getDefaultToolkit().addAWTEventListener(event -> {
            if (event.getID() == WindowEvent.WINDOW_OPENED && event.getSource() instanceof GenericDialog dialog) {
                opened.add(dialog);
            }
        }, AWTEvent.WINDOW_EVENT_MASK);
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            IJ.doCommand("Benchmark Mean..."); // as a click does
            GenericDialog dialog = opened.take();
            print(round == 0 ? "dialog_first" : "dialog", start);
            dialog.actionPerformed(new ActionEvent(dialog.getButtons()[CANCEL], ActionEvent.ACTION_PERFORMED, ""));
            while (dialog.isShowing()) {
                Thread.onSpinWait();
            }
        }
        if (ProcessHandle.current().children().findAny().isPresent()) {
            throw new AssertionError("Python was started");
        }
        imageJ.dispose();
    }

    private static void measureRuns(int rounds, Path ops, Path python) {
        new ImageJ();
        ImagePlus image = image();
        image.show();
        try (Alcove alcove = Alcove.open()) {
            EnvironmentSpec environment = EnvironmentSpec.existing(python);
            Op mean = alcove.op(ops, "mean", environment);
            Op add = alcove.op(ops, "add", environment);
            for (int round = -WARM_UP; round < rounds; round++) {
                measure(alcove, mean, image, round < 0 ? null : "run_number");
                measure(alcove, add, image, round < 0 ? null : "run_image");
                measureDuplicate(image, round < 0 ? null : "duplicate");
            }
        }
    }

    private static void measure(Alcove alcove, Op op, ImagePlus image, String name) {
        OpRequest request = new OpRequest(op, Map.of("image", image), Map.of(), true);
        long start = System.nanoTime();
        OpRunner.run(alcove, op.title(), request);
        double taken = System.nanoTime() - start;
        ResultsTable table = ResultsTable.getResultsTable("Results of " + op.title());
        double own = 1e9 * table.getValue("seconds", table.size() - 1);
        if (name != null) {
            System.out.println(name + " " + (taken - own) / 1e6);
            System.out.println(name + "_op " + own / 1e6);
        }
        ImagePlus result = WindowManager.getImage(op.title() + " of " + image.getTitle());
        if (result != null) {
            result.close();
        }
    }

    /** What ImageJ by itself takes for one more image of this size in a window. */
    private static void measureDuplicate(ImagePlus image, String name) {
        long start = System.nanoTime();
        ImagePlus copy = new ImagePlus("copy", image.getProcessor().duplicate());
        copy.show();
        if (name != null) {
            print(name, start);
        }
        copy.close();
    }

    private static void print(String name, long start) {
        System.out.println(name + " " + (System.nanoTime() - start) / 1e6);
    }

    private static ImagePlus image() {
        short[] pixels = new short[WIDTH * HEIGHT];
        Random random = new Random(1);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) random.nextInt(4096);
        }
        return new ImagePlus("large", new ShortProcessor(WIDTH, HEIGHT, pixels, null));
    }
}
