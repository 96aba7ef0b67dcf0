package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.FlowLayout;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JSplitPane;
import javax.swing.JTable;
import javax.swing.JTextArea;
import javax.swing.ListSelectionModel;
import javax.swing.Timer;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.WorkerInfo;
import org.alcove.Workers;

/** The workers of this program and of the user's other ones: what each does, what it uses, and ending one. */
final class WorkersPage implements Page {
    private static final int MILLISECONDS_BETWEEN_LOOKS = 1500;
    private static final double SHARE_OF_TABLE = 0.7;

    private final Alcove alcove;
    private final Background lookups = new Background("alcove-gui-workers");
    private final WorkerTableModel model = new WorkerTableModel();
    private final JTable table = WorkerCells.table(model);
    private final JTextArea lines = new JTextArea();
    private final JLabel summary = new JLabel(" ");
    private final JButton stop = Labels.button(Words.of("WorkersPage.stop"), this::stop);
    private final JButton reset = Labels.button(Words.of("WorkersPage.reset"), this::reset);
    private final JPanel all = new JPanel(new BorderLayout());
    /** What a worker uses, and what others' workers do, nobody tells by himself. */
    private final Timer clock = new Timer(MILLISECONDS_BETWEEN_LOOKS, event -> look());
    private AutoCloseable listening;
    private boolean isLooking;
    private boolean wantsAnotherLook;

    WorkersPage(Alcove alcove) {
        this.alcove = alcove;
        table.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
        table.getSelectionModel().addListSelectionListener(event -> showSelected());
        lines.setName("lines");
        lines.setEditable(false);
        lines.setFont(new Font(Font.MONOSPACED, Font.PLAIN, lines.getFont().getSize()));
        lines.getAccessibleContext().setAccessibleName(Words.of("WorkersPage.lines"));
        summary.setName("summary");
        arrange();
        showSelected();
    }

    private void arrange() {
        JPanel bar = new JPanel(new BorderLayout(Sheet.GAP, 0));
        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.LEADING, 6, 0));
        buttons.add(stop);
        buttons.add(reset);
        bar.add(buttons, BorderLayout.WEST);
        bar.add(summary, BorderLayout.EAST);
        bar.setBorder(BorderFactory.createEmptyBorder(6, 0, 6, 8));
        stop.setToolTipText(Words.of("WorkersPage.stopTip"));
        reset.setToolTipText(Words.of("WorkersPage.resetTip"));
        JScrollPane written = new JScrollPane(lines);
        written.setBorder(BorderFactory.createTitledBorder(Words.of("WorkersPage.lines")));
        JSplitPane split = new JSplitPane(JSplitPane.VERTICAL_SPLIT, new JScrollPane(table), written);
        split.setResizeWeight(SHARE_OF_TABLE);
        split.setBorder(null);
        all.add(bar, BorderLayout.NORTH);
        all.add(split, BorderLayout.CENTER);
    }

    @Override
    public String title() {
        return Words.of("WorkersPage.title");
    }

    @Override
    public JComponent component() {
        return all;
    }

    @Override
    public void shown() {
        if (listening == null) {
            listening = alcove.workers().onChange(worker -> EventThread.run(this::look));
        }
        clock.start();
        look();
    }

    @Override
    public void hidden() {
        clock.stop();
        if (listening != null) {
            try {
                listening.close();
            } catch (Exception e) {
                throw new IllegalStateException(e); // it only takes a listener away
            }
            listening = null;
        }
    }

    @Override
    public void close() {
        hidden();
        lookups.close();
    }

    /** One look at a time: what is asked for meanwhile is one more, when it is over. */
    private void look() {
        if (isLooking) {
            wantsAnotherLook = true;
            return;
        }
        isLooking = true;
        lookups.ask(this::workers, this::show, this::showProblem);
    }

    /** Those of this manager, whatever its folders are, and those of other programs. */
    private List<WorkerInfo> workers() {
        return together(alcove.workers().list(), Workers.everywhere());
    }

    /** Each once; {@code written} may be a second old, and hold those of {@code own} too. */
    static List<WorkerInfo> together(List<WorkerInfo> own, List<WorkerInfo> written) {
        Set<String> known = own.stream().map(WorkersPage::beginning).collect(Collectors.toSet());
        return Stream.concat(own.stream(), written.stream().filter(worker -> !known.contains(beginning(worker))))
                .toList();
    }

    /** What tells a worker also from what was written of it while it started: its number is known only afterwards. */
    private static String beginning(WorkerInfo worker) {
        return worker.host() + " " + worker.environment() + " " + worker.started().toEpochMilli();
    }

    private void show(List<WorkerInfo> workers) {
        Optional<String> selected = selected().map(WorkerTableModel::key);
        model.show(workers);
        selected.ifPresent(this::select);
        long busy = workers.stream().filter(worker -> worker.state() == WorkerInfo.State.BUSY).count();
        summary.setText(
                workers.isEmpty() ? Words.of("WorkersPage.none") : Words.of("WorkersPage.summary", workers.size(), busy));
        showSelected();
        looked();
    }

    private void showProblem(AlcoveException failure) {
        summary.setText(FailureText.sentence(failure.getMessage()));
        looked();
    }

    private void looked() {
        isLooking = false;
        if (wantsAnotherLook) {
            wantsAnotherLook = false;
            look();
        }
    }

    private void select(String key) {
        for (int row = 0; row < model.getRowCount(); row++) {
            if (WorkerTableModel.key(model.at(row)).equals(key)) {
                int shown = table.convertRowIndexToView(row);
                table.getSelectionModel().setSelectionInterval(shown, shown);
            }
        }
    }

    private Optional<WorkerInfo> selected() {
        int row = table.getSelectedRow();
        return row < 0 ? Optional.empty() : Optional.of(model.at(table.convertRowIndexToModel(row)));
    }

    private void showSelected() {
        Optional<WorkerInfo> selected = selected();
        boolean hasFailed = selected.filter(worker -> worker.state() == WorkerInfo.State.FAILED).isPresent();
        stop.setEnabled(selected.filter(worker -> worker.pid() != 0).isPresent());
        reset.setEnabled(hasFailed);
        List<String> text = new ArrayList<>();
        selected.ifPresent(worker -> {
            if (!worker.reason().isEmpty()) {
                text.add(FailureText.sentence(worker.reason()));
            }
            text.addAll(worker.lastLines());
        });
        String shown = selected.isEmpty() ? Words.of("WorkersPage.select") : String.join("\n", text);
        if (!shown.equals(lines.getText())) {
            lines.setText(shown);
        }
    }

    private void stop() {
        selected().ifPresent(worker -> {
            boolean runs = worker.state() == WorkerInfo.State.BUSY;
            String question = runs
                    ? Words.of("WorkersPage.stopBusy", WorkerCells.op(worker))
                    : Words.of("WorkersPage.stopIdle");
            if (Question.confirms(all, Words.of("WorkersPage.stopTitle"), question, Words.of("WorkersPage.stopAccept"))) {
                lookups.ask(
                        () -> alcove.workers().stop(worker.pid()) || Workers.stopAnywhere(worker.pid()),
                        found -> look(),
                        this::showProblem);
            }
        });
    }

    private void reset() {
        selected().ifPresent(worker -> lookups.ask(
                () -> alcove.workers().reset(worker.environment()), found -> look(), this::showProblem));
    }
}
