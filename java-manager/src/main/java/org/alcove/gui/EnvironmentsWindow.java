package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.GraphicsEnvironment;
import java.awt.Rectangle;
import java.awt.Toolkit;
import java.awt.event.KeyEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.swing.JFrame;
import javax.swing.JMenu;
import javax.swing.JMenuBar;
import javax.swing.JMenuItem;
import javax.swing.JTabbedPane;
import javax.swing.KeyStroke;
import javax.swing.SwingUtilities;
import javax.swing.WindowConstants;
import org.alcove.Alcove;

/**
 * The window of environments, workers and settings. It needs no ImageJ.
 *
 * <pre>{@code
 * Alcove alcove = Alcove.open();
 * EnvironmentsWindow.open(alcove).onClosed(alcove::close);
 * }</pre>
 */
public final class EnvironmentsWindow {
    private static final Dimension SIZE = new Dimension(980, 680);
    /** Those that are open; on the event thread alone. */
    private static final Map<Alcove, EnvironmentsWindow> OPEN = new HashMap<>();

    private final Alcove alcove;
    private final List<Runnable> closedListeners = new ArrayList<>();
    private JFrame frame;
    private Jobs jobs;
    private JTabbedPane tabs;
    private List<Page> pages = List.of();
    private Page front;

    private EnvironmentsWindow(Alcove alcove) {
        this.alcove = alcove;
    }

    /**
     * Opens the window of a manager, or brings it to the front. May be called on any thread.
     *
     * @param alcove stays open; whoever opened it closes it, after the window
     */
    public static EnvironmentsWindow open(Alcove alcove) {
        return EventThread.ask(() -> {
            EnvironmentsWindow window = OPEN.computeIfAbsent(alcove, EnvironmentsWindow::new);
            window.show();
            return window;
        });
    }

    /**
     * The titles of the jobs that run in all these windows, for a program that ends: they would be cancelled. May be called
     * on any thread.
     */
    public static List<String> running() {
        return EventThread.ask(() -> OPEN.values().stream()
                .flatMap(window -> window.jobs.running().stream())
                .map(Job::title)
                .toList());
    }

    /** Does it, on the event dispatch thread, when the window has been closed. */
    public void onClosed(Runnable action) {
        EventThread.run(() -> {
            if (frame.isDisplayable()) {
                closedListeners.add(action);
            } else {
                action.run();
            }
        });
    }

    /** The window itself, for who places it or shows something above it. */
    public JFrame frame() {
        return frame;
    }

    private void show() {
        if (frame == null) {
            make();
        }
        frame.setVisible(true);
        frame.setExtendedState(frame.getExtendedState() & ~JFrame.ICONIFIED);
        frame.toFront();
    }

    private void make() {
        frame = new JFrame(Words.of("EnvironmentsWindow.title"));
        frame.setName("environments");
        frame.setDefaultCloseOperation(WindowConstants.DO_NOTHING_ON_CLOSE);
        jobs = new Jobs();
        jobs.onEnd(this::tellFailure);
        EnvironmentsPage environments = new EnvironmentsPage(frame, alcove, jobs);
        pages = List.of(environments, new WorkersPage(alcove), new SettingsPage(alcove));
        tabs = new JTabbedPane();
        pages.forEach(page -> tabs.addTab(page.title(), page.component()));
        tabs.addChangeListener(event -> turn());
        frame.setJMenuBar(menuBar(environments));
        frame.add(tabs, BorderLayout.CENTER);
        frame.add(new JobsPanel(jobs), BorderLayout.SOUTH);
        frame.addWindowListener(new Watcher());
        place();
        turn();
    }

    private JMenuBar menuBar(EnvironmentsPage environments) {
        JMenu window = Labels.menu(Words.of("EnvironmentsWindow.menu"));
        JMenuItem refresh = window.add(Labels.action(Words.of("EnvironmentsWindow.refresh"), () -> front.shown()));
        refresh.setAccelerator(KeyStroke.getKeyStroke(KeyEvent.VK_F5, 0));
        window.addSeparator();
        JMenuItem close = window.add(Labels.action(Words.of("EnvironmentsWindow.close"), this::close));
        close.setAccelerator(KeyStroke.getKeyStroke(
                KeyEvent.VK_W, Toolkit.getDefaultToolkit().getMenuShortcutKeyMaskEx()));
        JMenuBar bar = new JMenuBar();
        bar.add(environments.menu());
        bar.add(window);
        return bar;
    }

    private void place() {
        Rectangle screen = GraphicsEnvironment.getLocalGraphicsEnvironment().getMaximumWindowBounds();
        frame.setSize(Math.min(SIZE.width, screen.width), Math.min(SIZE.height, screen.height));
        frame.setLocationRelativeTo(null);
    }

    /** Another tab is in front. */
    private void turn() {
        Page now = pages.get(tabs.getSelectedIndex());
        if (now != front) {
            if (front != null) {
                front.hidden();
            }
            front = now;
            now.shown();
        }
    }

    private void tellFailure(Job job) {
        job.failure().ifPresent(failure -> FailureWindow.show(frame, failure, null, null, job.title()));
    }

    /** Closes it; asks first while jobs run. */
    private void close() {
        int running = jobs.running().size();
        if (running == 0
                || Question.confirms(
                        frame,
                        Words.of("EnvironmentsWindow.closeTitle"),
                        Words.of("EnvironmentsWindow.closeQuestion", running),
                        Words.of("EnvironmentsWindow.closeAnyway"))) {
            jobs.cancelAll();
            frame.dispose();
        }
    }

    private final class Watcher extends WindowAdapter {
        private boolean wasActive;

        @Override
        public void windowClosing(WindowEvent event) {
            close();
        }

        @Override
        public void windowActivated(WindowEvent event) {
            // Other programs change environments, too: back from them, its user sees what is so now.
            if (wasActive && event.getOppositeWindow() == null) {
                front.shown();
            }
            wasActive = true;
        }

        @Override
        public void windowClosed(WindowEvent event) {
            OPEN.remove(alcove);
            pages.forEach(Page::close);
            List.copyOf(closedListeners).forEach(SwingUtilities::invokeLater);
        }
    }
}
