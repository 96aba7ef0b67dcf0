package org.alcove.drive;

import java.awt.AWTEvent;
import java.awt.AWTException;
import java.awt.Component;
import java.awt.EventQueue;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.InputEvent;
import java.awt.event.KeyEvent;
import java.awt.event.MouseEvent;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.imageio.ImageIO;
import javax.swing.SwingUtilities;

/** Mouse and keyboard. A click counts when the component that was meant got it, so one that was covered fails. */
final class Hands {
    private static final int ATTEMPTS = 3;
    private static final long ARRIVES_WITHIN_MS = 1500;
    private static final Map<Character, String> SHIFTED = Map.ofEntries(
            Map.entry('!', "1"), Map.entry('@', "2"), Map.entry('#', "3"), Map.entry('$', "4"), Map.entry('%', "5"),
            Map.entry('^', "6"), Map.entry('&', "7"), Map.entry('*', "8"), Map.entry('(', "9"), Map.entry(')', "0"),
            Map.entry('_', "-"), Map.entry('+', "="), Map.entry(':', ";"), Map.entry('"', "'"), Map.entry('<', ","),
            Map.entry('>', "."), Map.entry('?', "/"), Map.entry('{', "["), Map.entry('}', "]"), Map.entry('~', "`"),
            Map.entry('|', "\\"));

    private final Robot robot;
    private volatile Component pressed;

    Hands() throws AWTException {
        robot = new Robot();
        robot.setAutoDelay(5);
        Toolkit.getDefaultToolkit().addAWTEventListener(this::look, AWTEvent.MOUSE_EVENT_MASK);
    }

    private void look(AWTEvent event) {
        if (event.getID() == MouseEvent.MOUSE_RELEASED) {
            pressed = (Component) event.getSource();
        }
    }

    /** Clicks in the middle of a part of a component. */
    void click(Component component, Rectangle part, int times) throws Exception {
        Component got = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            show(component);
            Point corner = onEventThread(component::getLocationOnScreen);
            pressed = null;
            robot.mouseMove(corner.x + part.x + part.width / 2, corner.y + part.y + part.height / 2);
            for (int i = 0; i < times; i++) {
                robot.mousePress(InputEvent.BUTTON1_DOWN_MASK);
                robot.mouseRelease(InputEvent.BUTTON1_DOWN_MASK);
            }
            long end = System.currentTimeMillis() + ARRIVES_WITHIN_MS;
            while (pressed == null && System.currentTimeMillis() < end) {
                Thread.sleep(5);
            }
            got = pressed;
            if (got == component || got != null && SwingUtilities.isDescendingFrom(got, component)) {
                return;
            }
        }
        throw new AssertionError("A click on " + component + " went to " + got);
    }

    private static void show(Component component) throws Exception {
        Window window = component instanceof Window w ? w : SwingUtilities.getWindowAncestor(component);
        onEventThread(() -> {
            window.toFront();
            return null;
        });
    }

    /** Types what a keyboard of the United States has; false where a character is not on it. */
    boolean type(String text) {
        for (char character : text.toCharArray()) {
            if (character > '~' || character < ' ') {
                return false;
            }
        }
        for (char character : text.toCharArray()) {
            boolean shift = SHIFTED.containsKey(character) || Character.isUpperCase(character);
            char key = SHIFTED.getOrDefault(character, String.valueOf(character)).charAt(0);
            press(KeyEvent.getExtendedKeyCodeForChar(Character.toLowerCase(key)), shift ? KeyEvent.VK_SHIFT : 0);
        }
        robot.waitForIdle();
        return true;
    }

    /** Presses keys together, named as in {@code KeyEvent}: {@code control A}, {@code ENTER}. */
    void keys(String names) throws Exception {
        String[] words = names.trim().split("\\s+");
        int last = code(words[words.length - 1]);
        int[] held = new int[words.length - 1];
        for (int i = 0; i < held.length; i++) {
            held[i] = code(words[i]);
        }
        press(last, held);
        robot.waitForIdle();
    }

    private static int code(String name) throws ReflectiveOperationException {
        return KeyEvent.class.getField("VK_" + name.toUpperCase(java.util.Locale.ROOT)).getInt(null);
    }

    private void press(int key, int... held) {
        for (int hold : held) {
            if (hold != 0) {
                robot.keyPress(hold);
            }
        }
        robot.keyPress(key);
        robot.keyRelease(key);
        for (int hold : held) {
            if (hold != 0) {
                robot.keyRelease(hold);
            }
        }
    }

    void wheel(Component component, int notches) throws Exception {
        show(component);
        Point corner = onEventThread(component::getLocationOnScreen);
        robot.mouseMove(corner.x + component.getWidth() / 2, corner.y + component.getHeight() / 2);
        robot.mouseWheel(notches);
        robot.waitForIdle();
    }

    void waitForIdle() {
        robot.waitForIdle();
    }

    void picture(Rectangle area, File file) throws IOException {
        robot.waitForIdle();
        BufferedImage picture = robot.createScreenCapture(area);
        ImageIO.write(picture, "png", file);
    }

    static <T> T onEventThread(Callable<T> question) throws Exception {
        FutureTask<T> task = new FutureTask<>(question);
        EventQueue.invokeAndWait(task);
        return task.get();
    }
}
