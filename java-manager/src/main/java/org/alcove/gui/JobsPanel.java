package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.util.ArrayList;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.BoxLayout;
import javax.swing.JPanel;
import javax.swing.JScrollPane;

/** The jobs of a window, the newest first; not to be seen when there are none. */
final class JobsPanel extends JPanel {
    private static final int MOST_HEIGHT = 220;

    private final Jobs jobs;
    private final JPanel rows = new JPanel();
    private final JScrollPane scroll;
    private final List<JobRow> shown = new ArrayList<>();

    JobsPanel(Jobs jobs) {
        super(new BorderLayout());
        this.jobs = jobs;
        rows.setLayout(new BoxLayout(rows, BoxLayout.PAGE_AXIS));
        JPanel top = new Column();
        top.add(rows, BorderLayout.NORTH);
        scroll = new JScrollPane(
                top, JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED, JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        scroll.setBorder(BorderFactory.createEmptyBorder());
        add(scroll, BorderLayout.CENTER);
        getAccessibleContext().setAccessibleName(Words.of("JobsPanel.name"));
        setVisible(false);
        jobs.onChange(this::update);
    }

    @Override
    public Dimension getPreferredSize() {
        return new Dimension(0, Math.min(MOST_HEIGHT, scroll.getPreferredSize().height));
    }

    private void update(Job job) {
        List<Job> all = jobs.all();
        if (all.size() != shown.size()) {
            arrange(all);
        }
        for (JobRow row : shown) {
            if (row.job() == job) {
                row.update();
                if (job.isOver()) {
                    revalidate(); // what came of it may need more lines
                }
            }
        }
    }

    private void arrange(List<Job> all) {
        shown.stream().filter(row -> !all.contains(row.job())).toList().forEach(this::drop);
        for (Job job : all) {
            if (shown.stream().noneMatch(row -> row.job() == job)) {
                JobRow row = new JobRow(job, jobs);
                row.setAlignmentX(Component.LEFT_ALIGNMENT);
                shown.add(0, row);
                rows.add(row, 0);
            }
        }
        setVisible(!all.isEmpty());
        revalidate();
        repaint();
    }

    private void drop(JobRow row) {
        shown.remove(row);
        rows.remove(row);
    }
}
