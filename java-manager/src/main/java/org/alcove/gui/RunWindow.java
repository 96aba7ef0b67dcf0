package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Dialog;
import java.awt.Frame;
import java.awt.KeyboardFocusManager;
import java.awt.event.ActionEvent;
import java.awt.event.KeyEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.swing.AbstractAction;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.JPanel;
import javax.swing.JRootPane;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.JToggleButton;
import javax.swing.KeyStroke;
import javax.swing.Timer;
import javax.swing.WindowConstants;
import org.alcove.Alcove;
import org.alcove.Call;
import org.alcove.CallStatus;
import org.alcove.LogLine;
import org.alcove.Progress;

/**
 * A small window beside a call that takes long: how far it is, what it logs, Cancel, and Stop Now for one that does not
 * listen. It blocks nothing, and goes when the call has ended.
 */
public final class RunWindow implements AutoCloseable {
    private static final int MILLISECONDS_UNTIL_OPEN = 500;
    private static final int MILLISECONDS_BETWEEN_LOOKS = 500;
    private static final int MOST_LOG_CHARACTERS = 100_000;
    private static final int WIDTH = 380;
    private static final int MOST_WIDTH = 600; // a longer headline is cut
    private static final int STEP = 28;
    private static final int MOST_STEPS = 10;
    private static final String NAME = "run";

    private final Alcove alcove;
    private final Call call;
    private final String title;
    private final Queue<Object> news = new ConcurrentLinkedQueue<>(); // Progress and LogLine
    private final AtomicBoolean isTold = new AtomicBoolean();
    // All below belongs to the event thread.
    private final long start = System.nanoTime();
    private JFrame frame;
    private ProgressView progress;
    private JTextArea log;
    private JScrollPane logPane;
    private JButton cancel;
    private JButton stop;
    private Timer looking;
    private Progress latest;
    private boolean isClosed;
    private boolean isEnding;

    private RunWindow(Alcove alcove, Call call, String title) {
        this.alcove = alcove;
        this.call = call;
        this.title = title;
    }

    /**
     * Watches a call. The window opens after half a second, unless the call has ended by then. Any thread may do this.
     *
     * @param title what runs, for people
     */
    public static RunWindow watch(Alcove alcove, Call call, String title) {
        RunWindow window = new RunWindow(alcove, call, title);
        call.onProgress(window::tell);
        call.onLog(window::tell);
        call.future().whenComplete((outputs, failure) -> window.close());
        EventThread.run(() -> {
            Timer opening = new Timer(MILLISECONDS_UNTIL_OPEN, event -> window.openNow());
            opening.setRepeats(false);
            opening.start();
        });
        return window;
    }

    /** Opens the window at once, unless the call has ended. */
    public void open() {
        EventThread.run(this::openNow);
    }

    /** Takes the window away; the call goes on. */
    @Override
    public void close() {
        EventThread.run(() -> {
            isClosed = true;
            if (frame != null) {
                looking.stop();
                frame.dispose();
            }
        });
    }

    /** Whether it will not open any more; asked by tests. */
    boolean isClosed() {
        return EventThread.ask(() -> isClosed);
    }

    private void openNow() {
        if (isClosed || frame != null) {
            return;
        }
        frame = new JFrame(title);
        frame.setName(NAME);
        frame.setModalExclusionType(Dialog.ModalExclusionType.APPLICATION_EXCLUDE); // while another command asks
        frame.setDefaultCloseOperation(WindowConstants.DO_NOTHING_ON_CLOSE);
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                cancel();
            }
        });
        frame.setContentPane(content());
        onEscape(frame.getRootPane());
        hear();
        looking = new Timer(MILLISECONDS_BETWEEN_LOOKS, event -> look());
        looking.setInitialDelay(0);
        looking.start();
        frame.pack();
        frame.setSize(Math.min(frame.getWidth(), MOST_WIDTH), frame.getHeight());
        place();
        frame.setVisible(true);
    }

    /** Whether somebody is answering a dialog, another command's perhaps: keys must go on going there. */
    private static boolean isAnsweringADialog() {
        return KeyboardFocusManager.getCurrentKeyboardFocusManager().getActiveWindow() instanceof Dialog;
    }

    /** In the middle of the screen, as dialogs are; several do not cover each other. */
    private void place() {
        long others = Arrays.stream(Frame.getFrames())
                .filter(other -> other != frame && NAME.equals(other.getName()) && other.isShowing())
                .count();
        Placing.inMiddle(frame, null);
        if (isAnsweringADialog()) {
            frame.setAutoRequestFocus(false);
        } else {
            Placing.inFront(frame);
        }
        int step = (int) (others % MOST_STEPS) * (frame.getInsets().top + STEP);
        frame.setLocation(frame.getX() + step, frame.getY() + step);
    }

    private JPanel content() {
        progress = new ProgressView();
        progress.reset(Words.of("RunWindow.starting"));
        JPanel top = new JPanel(new BorderLayout());
        top.add(progress, BorderLayout.CENTER);
        top.add(Box.createHorizontalStrut(WIDTH), BorderLayout.SOUTH);
        log = new JTextArea(10, 60);
        log.setName("log");
        log.setEditable(false);
        log.getAccessibleContext().setAccessibleName(Labels.plain(Words.of("RunWindow.log")));
        logPane = new JScrollPane(log);
        logPane.setVisible(false);
        JPanel content = new JPanel(new BorderLayout(0, 8));
        content.setBorder(BorderFactory.createEmptyBorder(12, 12, 12, 12));
        content.add(top, BorderLayout.NORTH);
        content.add(logPane, BorderLayout.CENTER);
        content.add(buttons(), BorderLayout.SOUTH);
        return content;
    }

    private JPanel buttons() {
        JToggleButton showLog = new JToggleButton(Words.of("RunWindow.log"));
        showLog.setName("showLog");
        showLog.addActionListener(event -> {
            logPane.setVisible(showLog.isSelected());
            showLog.setText(showLog.isSelected() ? Words.of("RunWindow.logOpen") : Words.of("RunWindow.log"));
            frame.pack();
        });
        cancel = Labels.button(Words.of("RunWindow.cancel"), this::cancel);
        cancel.setName("cancel");
        stop = Labels.button(Words.of("RunWindow.stop"), this::stop);
        stop.setName("stop");
        stop.setToolTipText(Words.of("RunWindow.stopTip"));
        Box right = Box.createHorizontalBox();
        right.add(stop);
        right.add(Box.createHorizontalStrut(8));
        right.add(cancel);
        JPanel buttons = new JPanel(new BorderLayout());
        buttons.add(showLog, BorderLayout.LINE_START);
        buttons.add(right, BorderLayout.LINE_END);
        return buttons;
    }

    private void onEscape(JRootPane root) {
        root.getInputMap(JComponent.WHEN_IN_FOCUSED_WINDOW).put(KeyStroke.getKeyStroke(KeyEvent.VK_ESCAPE, 0), "cancel");
        root.getActionMap().put("cancel", new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent event) {
                cancel();
            }
        });
    }

    private void cancel() {
        ending(Words.of("RunWindow.cancelling"));
        cancel.setEnabled(false);
        EventThread.aside(call::cancel);
    }

    private void stop() {
        ending(Words.of("RunWindow.stopping"));
        cancel.setEnabled(false);
        stop.setEnabled(false);
        EventThread.aside(() -> {
            call.cancel(); // so that nothing begins anew
            call.worker().ifPresent(alcove.workers()::stop);
        });
    }

    private void ending(String words) {
        isEnding = true;
        progress.reset(words);
    }

    /** Takes what comes on other threads, however often that is: one errand to the event thread fetches all of it. */
    private void tell(Object what) {
        news.add(what);
        if (isTold.compareAndSet(false, true)) {
            EventThread.run(this::hear);
        }
    }

    private void hear() {
        isTold.set(false);
        if (frame == null || isClosed) {
            keepLast();
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (Object next = news.poll(); next != null; next = news.poll()) {
            if (next instanceof LogLine line) {
                lines.append(line.text()).append('\n');
            } else {
                latest = (Progress) next;
            }
        }
        if (latest != null && !isEnding) {
            progress.show(latest);
            makeRoom();
        }
        if (lines.length() > 0) {
            log.append(lines.toString());
            int surplus = log.getDocument().getLength() - MOST_LOG_CHARACTERS;
            if (surplus > 0) {
                log.replaceRange("", 0, surplus);
            }
            log.setCaretPosition(log.getDocument().getLength());
        }
    }

    /** A bar with a number on it is higher than one without. */
    private void makeRoom() {
        int missing = frame.getContentPane().getPreferredSize().height - frame.getContentPane().getHeight();
        if (missing > 0) {
            frame.setSize(frame.getWidth(), frame.getHeight() + missing);
        }
    }

    /** Before there is a window only the latest progress counts; lines wait for it. */
    private void keepLast() {
        List<Object> old = news.stream().filter(Progress.class::isInstance).toList();
        if (!old.isEmpty()) {
            latest = (Progress) old.get(old.size() - 1);
            news.removeAll(old);
        }
    }

    /** As long as the op says nothing: whether it waits for others, and for how long it has been running. */
    private void look() {
        if (latest == null && !isEnding) {
            EventThread.aside(() -> {
                CallStatus.State state = call.status().state();
                EventThread.run(() -> showState(state));
            });
        }
    }

    private void showState(CallStatus.State state) {
        if (latest != null || isEnding || isClosed) {
            return;
        }
        String ran = Quantities.brief(Duration.ofNanos(System.nanoTime() - start));
        switch (state) {
            case QUEUED -> progress.headline(Words.of("RunWindow.queued", ran));
            case RUNNING -> progress.headline(Words.of("RunWindow.running", ran));
            default -> progress.headline(Words.of("RunWindow.starting"));
        }
    }
}
