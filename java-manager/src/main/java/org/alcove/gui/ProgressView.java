package org.alcove.gui;

import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;
import org.alcove.Progress;

/** How far something is: what is being done, a bar, and bytes, packages and time left where they are known. */
final class ProgressView extends JPanel {
    private static final int WHOLE = 1000;

    private final JLabel headline = new JLabel(" ");
    private final JProgressBar bar = new JProgressBar(0, WHOLE);
    private final JLabel facts = new JLabel(" ");
    private final Forecast forecast = new Forecast();

    ProgressView() {
        super(new GridBagLayout());
        setOpaque(false);
        headline.setName("headline");
        bar.setName("bar");
        facts.setName("facts");
        bar.setStringPainted(true); // always: with it the bar is higher, and the rest would be cut when it comes
        setUnknown(true);
        bar.getAccessibleContext().setAccessibleName(Words.of("ProgressView.bar"));
        GridBagConstraints row = new GridBagConstraints();
        row.gridx = 0;
        row.weightx = 1;
        row.fill = GridBagConstraints.HORIZONTAL;
        add(headline, row);
        row.insets = new Insets(6, 0, 6, 0);
        add(bar, row);
        row.insets = new Insets(0, 0, 0, 0);
        add(facts, row);
    }

    /** Shows it; call it on the event thread. */
    void show(Progress progress) {
        OptionalDouble fraction = progress.fraction();
        headline(headline(progress));
        setUnknown(fraction.isEmpty());
        fraction.ifPresent(share -> bar.setValue((int) Math.round(share * WHOLE)));
        facts.setText(facts(progress));
    }

    /** Begins anew, with something of which nothing more is known. */
    void reset(String text) {
        headline(text);
        setUnknown(true);
        facts.setText(" ");
    }

    private void setUnknown(boolean isUnknown) {
        bar.setIndeterminate(isUnknown);
        bar.setString(isUnknown ? "" : null);
    }

    /** Says what is being done, and leaves the rest as it is. */
    void headline(String text) {
        headline.setText(text.isBlank() ? " " : text);
        headline.setToolTipText(text.isBlank() ? null : text);
    }

    /** The message without what stands below the bar. */
    private static String headline(Progress progress) {
        boolean hasFacts = number(progress, "total_bytes").orElse(0) > 0 || number(progress, "total_packages").orElse(0) > 0;
        int colon = progress.message().indexOf(": ");
        return hasFacts && colon > 0 ? progress.message().substring(0, colon) : progress.message();
    }

    private String facts(Progress progress) {
        List<String> facts = new ArrayList<>();
        long bytes = number(progress, "total_bytes").orElse(0);
        if (bytes > 0) {
            long done = Math.min(bytes, number(progress, "done_bytes").orElse(0));
            facts.add(Words.of("ProgressView.bytes", Quantities.size(done), Quantities.size(bytes)));
        }
        long packages = number(progress, "total_packages").orElse(0);
        if (packages > 0) {
            facts.add(Words.of("ProgressView.packages", number(progress, "done_packages").orElse(0), packages));
        }
        secondsLeft(progress).ifPresent(seconds ->
                facts.add(Words.of("ProgressView.left", Quantities.brief(Duration.ofSeconds(seconds)))));
        return facts.isEmpty() ? " " : String.join(Words.of("ProgressView.between"), facts);
    }

    /** Who makes environments tells by himself, and knows better when nothing can be told. */
    private OptionalLong secondsLeft(Progress progress) {
        return progress.stage() == Progress.Stage.ENVIRONMENT
                ? number(progress, "seconds_left")
                : forecast.secondsLeft(progress, System.nanoTime());
    }

    private static OptionalLong number(Progress progress, String detail) {
        return progress.details().get(detail) instanceof Number number
                ? OptionalLong.of(number.longValue())
                : OptionalLong.empty();
    }
}
