package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.CardLayout;
import java.awt.Dimension;
import java.awt.KeyboardFocusManager;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import javax.swing.BorderFactory;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JSplitPane;
import javax.swing.JTable;
import javax.swing.JTextArea;
import javax.swing.SwingConstants;
import javax.swing.UIManager;
import javax.swing.table.DefaultTableModel;
import javax.swing.text.DefaultCaret;
import org.alcove.EnvironmentInfo;
import org.alcove.EnvironmentPackage;
import org.alcove.Environments;

/** Everything about the environment that is selected: facts, which can be copied, and its packages. */
final class EnvironmentDetails extends JPanel {
    private static final String MESSAGE = "message";
    private static final String FACTS = "facts";

    private static final int WIDTH_OF_HALF = 480;
    private static final int HEIGHT = 220;
    private static final int LEAST_WIDTH = 60;

    private final Environments environments;
    private final Background background;
    private final CardLayout cards = new CardLayout();
    private final JLabel message = new JLabel("", SwingConstants.CENTER);
    private final JPanel facts = new JPanel(new BorderLayout());
    private final DefaultTableModel packages;
    private Future<?> asking;

    EnvironmentDetails(Environments environments, Background background) {
        this.environments = environments;
        this.background = background;
        setLayout(cards);
        JTable table = Dialogs.table(
                Words.of("EnvironmentDetails.packagesName"),
                new Object[0][],
                Words.of("EnvironmentDetails.package"),
                Words.of("EnvironmentDetails.version"),
                Words.of("EnvironmentDetails.origin"),
                Words.of("EnvironmentDetails.licence"));
        table.setName("packages");
        int[] parts = {3, 2, 1, 4};
        for (int column = 0; column < parts.length; column++) {
            table.getColumnModel().getColumn(column).setPreferredWidth(parts[column] * LEAST_WIDTH);
        }
        packages = (DefaultTableModel) table.getModel();
        JPanel top = new Column();
        top.setBorder(BorderFactory.createEmptyBorder(8, 10, 8, 10));
        top.add(facts, BorderLayout.NORTH);
        JScrollPane left = new JScrollPane(top);
        left.setBorder(BorderFactory.createEmptyBorder());
        JSplitPane split = new JSplitPane(JSplitPane.HORIZONTAL_SPLIT, left, new JScrollPane(table));
        split.setResizeWeight(0.5);
        left.setPreferredSize(new Dimension(WIDTH_OF_HALF, HEIGHT)); // the divider stays where it is, whatever is shown
        split.getRightComponent().setPreferredSize(new Dimension(WIDTH_OF_HALF, HEIGHT));
        split.setBorder(BorderFactory.createEmptyBorder());
        message.setBorder(BorderFactory.createEmptyBorder(12, 12, 12, 12));
        add(message, MESSAGE);
        add(split, FACTS);
        say(Words.of("EnvironmentDetails.nothing"));
    }

    /** Looks up and shows everything about one environment. */
    void show(EnvironmentInfo environment) {
        forget();
        if (!environment.isCurrent() || environment.state() == EnvironmentInfo.State.INCOMPLETE) {
            fill(environment); // there is no more to be told of it
            return;
        }
        fill(environment);
        asking = background.ask(
                () -> environments.show(environment.name()), this::fill, failure -> say(failure.getMessage()));
    }

    /** Shows that so many are selected. */
    void show(int selected) {
        forget();
        say(selected == 0 ? Words.of("EnvironmentDetails.nothing") : Words.of("EnvironmentDetails.several", selected));
    }

    private void forget() {
        if (asking != null) {
            asking.cancel(true);
        }
    }

    private void say(String text) {
        message.setText(FailureText.capital(text));
        cards.show(this, MESSAGE);
    }

    private void fill(EnvironmentInfo environment) {
        Form form = new Form();
        fact(form, Words.of("EnvironmentDetails.name"), environment.name());
        fact(form, Words.of("EnvironmentDetails.state"), EnvironmentCells.state(environment));
        fact(form, Words.of("EnvironmentDetails.means"), meaning(environment));
        fact(form, Words.of("EnvironmentDetails.made"), made(environment));
        fact(form, Words.of("EnvironmentDetails.size"), size(environment));
        fact(form, Words.of("EnvironmentDetails.usedBy"), paths(environment));
        fact(form, Words.of("EnvironmentDetails.folder"), environment.directory().toString());
        fact(form, Words.of("EnvironmentDetails.lockFile"),
                environment.lockFile().map(Path::toString).orElse(""));
        facts.removeAll();
        facts.add(form);
        facts.revalidate();
        packages.setRowCount(0);
        for (EnvironmentPackage each : environment.packages()) {
            packages.addRow(new Object[] {each.name(), each.version(), each.manager(), each.license()});
        }
        cards.show(this, FACTS);
    }

    private static void fact(Form form, String label, String value) {
        if (value.isEmpty()) {
            return;
        }
        JTextArea field = new JTextArea(); // a text field would have a frame in some looks
        ((DefaultCaret) field.getCaret()).setUpdatePolicy(DefaultCaret.NEVER_UPDATE); // else the last one is scrolled to
        field.setText(value);
        field.setEditable(false);
        field.setOpaque(false);
        field.setBorder(null);
        field.setFont(UIManager.getFont("Label.font"));
        field.setToolTipText(value);
        field.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null);
        field.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null);
        Dimension narrow = new Dimension(LEAST_WIDTH, field.getPreferredSize().height);
        field.setMinimumSize(narrow);
        field.setPreferredSize(narrow);
        form.field(label, field);
    }

    /** What a state means for who reads it; empty where that is plain. */
    private static String meaning(EnvironmentInfo environment) {
        return switch (environment.state()) {
            case READY -> environment.isCurrent() ? "" : Words.of("EnvironmentDetails.oldVersion");
            case BROKEN -> Words.of("EnvironmentDetails.broken");
            case INCOMPLETE -> Words.of("EnvironmentDetails.incomplete");
        };
    }

    private static String made(EnvironmentInfo environment) {
        String engine = environment.engine();
        return environment.created()
                .map(when -> engine.isEmpty()
                        ? Quantities.ago(when)
                        : Words.of("EnvironmentDetails.madeBy", Quantities.ago(when), engine))
                .orElse("");
    }

    private static String size(EnvironmentInfo environment) {
        String size = Quantities.size(environment.sizeBytes());
        boolean isKnown = environment.ownBytes() + environment.sharedBytes() > 0;
        return isKnown ? Words.of("EnvironmentDetails.frees", size, Quantities.size(environment.ownBytes())) : size;
    }

    private static String paths(EnvironmentInfo environment) {
        List<Path> files = environment.usedBy().isEmpty() ? environment.source().stream().toList() : environment.usedBy();
        return files.stream().map(Path::toString).collect(Collectors.joining("\n"));
    }
}
