package org.alcove.gui;

import java.awt.Component;
import java.util.List;
import java.util.function.Consumer;
import javax.swing.JDialog;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.SwingUtilities;
import org.alcove.AlcoveException;

/** What a job did, step by step; grows while it runs, and blocks nothing. */
final class JobLog {
    private static final int ROWS = 18;
    private static final int COLUMNS = 80;

    private JobLog() {}

    static void show(Component owner, Job job, Jobs jobs) {
        JDialog dialog = new JDialog(SwingUtilities.getWindowAncestor(owner), Words.of("JobLog.title", job.title()));
        JTextArea text = new JTextArea(ROWS, COLUMNS);
        text.setEditable(false);
        text.setLineWrap(true);
        text.getAccessibleContext().setAccessibleName(dialog.getTitle());
        Consumer<Job> filling = changed -> {
            if (changed == job && dialog.isDisplayable()) {
                fill(text, job);
            }
        };
        jobs.onChange(filling);
        fill(text, job);
        dialog.add(new JScrollPane(text));
        Dialogs.closeOnEscape(dialog);
        dialog.pack();
        dialog.setLocationRelativeTo(dialog.getOwner());
        dialog.setVisible(true);
    }

    private static void fill(JTextArea text, Job job) {
        text.setText(String.join("\n", job.log()) + job.failure().map(JobLog::log).orElse(""));
        text.setCaretPosition(text.getDocument().getLength());
    }

    /** The last lines of the solver or installer. */
    private static String log(AlcoveException failure) {
        return failure.data().get("log") instanceof List<?> lines && !lines.isEmpty()
                ? "\n\n" + String.join("\n", lines.stream().map(String::valueOf).toList())
                : "";
    }
}
