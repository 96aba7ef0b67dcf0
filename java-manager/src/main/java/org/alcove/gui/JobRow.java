package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.FlowLayout;
import java.awt.Font;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.UIManager;

/** One job: its title, how far it is or what came of it, and what can be done about it. */
final class JobRow extends JPanel {
    private final Job job;
    private final ProgressView progress = new ProgressView();
    private final JTextArea outcome = Labels.paragraph("", 0);
    private final JButton cancel;
    private final JButton details;
    private final JButton dismiss;

    JobRow(Job job, Jobs jobs) {
        super(new BorderLayout(12, 2));
        this.job = job;
        setName("job");
        setBorder(BorderFactory.createCompoundBorder(
                BorderFactory.createMatteBorder(1, 0, 0, 0, line()), BorderFactory.createEmptyBorder(6, 10, 6, 10)));
        JLabel title = new JLabel(job.title());
        title.setFont(title.getFont().deriveFont(Font.BOLD));
        outcome.setFocusable(true);
        outcome.setName("outcome");
        outcome.getAccessibleContext().setAccessibleName(job.title());
        cancel = Labels.button(Words.of("JobRow.cancel"), job::cancel);
        details = Labels.button(Words.of("JobRow.details"), this::showFailure);
        JButton log = Labels.button(Words.of("JobRow.log"), () -> JobLog.show(this, job, jobs));
        dismiss = Labels.button(Words.of("JobRow.dismiss"), () -> jobs.dismiss(job));
        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.TRAILING, 6, 0));
        for (JButton button : new JButton[] {cancel, details, log, dismiss}) {
            button.getAccessibleContext().setAccessibleDescription(job.title());
            buttons.add(button);
        }
        add(title, BorderLayout.NORTH);
        add(progress, BorderLayout.CENTER);
        add(buttons, BorderLayout.EAST);
        progress.headline(Words.of(jobs.running().size() > 1 ? "JobRow.waiting" : "JobRow.starting"));
        update();
    }

    Job job() {
        return job;
    }

    /** Shows how it stands now. */
    void update() {
        job.progress().ifPresent(progress::show);
        cancel.setVisible(!job.isOver());
        cancel.setEnabled(job.state() == Job.State.RUNNING);
        details.setVisible(job.state() == Job.State.FAILED);
        dismiss.setVisible(job.isOver());
        if (job.state() == Job.State.CANCELLING) {
            progress.headline(Words.of("JobRow.cancelling"));
        }
        if (job.isOver() && progress.getParent() != null) {
            remove(progress);
            outcome.setText(job.summary());
            if (job.state() == Job.State.FAILED) {
                outcome.setForeground(Labels.mistake(this));
            }
            add(outcome, BorderLayout.CENTER);
            revalidate();
        }
    }

    private void showFailure() {
        job.failure().ifPresent(failure -> FailureWindow.show(this, failure, null, null, job.title()));
    }

    private static Color line() {
        Color colour = UIManager.getColor("Separator.foreground");
        return colour == null ? Color.GRAY : colour;
    }
}
