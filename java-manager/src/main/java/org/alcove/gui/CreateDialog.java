package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.FlowLayout;
import java.awt.KeyboardFocusManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import javax.swing.ButtonGroup;
import javax.swing.JComboBox;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JRadioButton;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import javax.swing.SwingUtilities;
import javax.swing.text.JTextComponent;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;

/** What a new environment shall hold: what a file asks for, packages typed one by one, or a Python that is there. */
final class CreateDialog {
    private static final List<String> ENGINES = List.of("auto", "rattler", "uv", "micromamba");
    private static final List<String> VARIANTS = List.of("auto", "gpu", "cpu");
    private static final int COLUMNS = 30;

    private final Background background;
    private final Question question;
    private final JPanel ways = new JPanel(new BorderLayout());
    private final JRadioButton fromFile = Labels.named(new JRadioButton(), Words.of("CreateDialog.fromFile"));
    private final JRadioButton fromPackages = Labels.named(new JRadioButton(), Words.of("CreateDialog.fromPackages"));
    private final JRadioButton fromPython = Labels.named(new JRadioButton(), Words.of("CreateDialog.fromPython"));
    private final PathField file = new PathField(PathField.Kind.FILE, Words.of("CreateDialog.fileTitle"));
    private final PathField python = new PathField(PathField.Kind.FILE, Words.of("CreateDialog.pythonTitle"));
    private final JTextArea conda = new JTextArea(3, COLUMNS);
    private final JTextArea pip = new JTextArea(3, COLUMNS);
    private final JTextField channels = new JTextField(COLUMNS);
    private final JTextField version = new JTextField(COLUMNS);
    private final JTextField name = new JTextField(COLUMNS);
    private final JComboBox<String> engine = new JComboBox<>();
    private final JComboBox<String> variant = new JComboBox<>();
    private final JPanel fileCard = fileCard();
    private final JPanel packagesCard = packagesCard();
    private final JPanel pythonCard = pythonCard();
    private Future<?> reading;
    private EnvironmentSpec read;
    private String suggestion = "";

    CreateDialog(Component owner, Background background) {
        this.background = background;
        this.question = new Question(owner, Words.of("CreateDialog.title"), Words.of("CreateDialog.create"));
        Form form = new Form();
        form.wide(choice()).wide(ways).wide(more());
        question.with(form);
        fromFile.setSelected(true);
        listen();
        changed();
    }

    /** Asks; empty when its user has cancelled it. */
    Optional<EnvironmentSpec> ask() {
        SwingUtilities.invokeLater(file.textField()::requestFocusInWindow);
        return question.ask() ? Optional.ofNullable(read).map(this::named) : Optional.empty();
    }

    private JPanel choice() {
        ButtonGroup group = new ButtonGroup();
        JPanel choice = new JPanel(new FlowLayout(FlowLayout.LEADING, 0, 0));
        for (JRadioButton way : List.of(fromFile, fromPackages, fromPython)) {
            group.add(way);
            choice.add(way);
            choice.add(new JLabel("   "));
        }
        return choice;
    }

    private JPanel fileCard() {
        return card(new Form()
                .field(Words.of("CreateDialog.file"), file)
                .under(Labels.paragraph(Words.of("CreateDialog.fileHint"), COLUMNS)));
    }

    private JPanel packagesCard() {
        return card(new Form()
                .field(Words.of("CreateDialog.conda"), area(conda))
                .field(Words.of("CreateDialog.pip"), area(pip))
                .under(Labels.paragraph(Words.of("CreateDialog.packagesHint"), COLUMNS))
                .field(Words.of("CreateDialog.version"), version)
                .field(Words.of("CreateDialog.channels"), channels));
    }

    private JPanel pythonCard() {
        return card(new Form()
                .field(Words.of("CreateDialog.python"), python)
                .under(Labels.paragraph(Words.of("CreateDialog.pythonHint"), COLUMNS)));
    }

    private JPanel more() {
        engine.addItem(Words.of("CreateDialog.engineAuto"));
        ENGINES.stream().skip(1).forEach(engine::addItem);
        variant.addItem(Words.of("CreateDialog.variantAuto"));
        variant.addItem(Words.of("CreateDialog.variantGpu"));
        variant.addItem(Words.of("CreateDialog.variantCpu"));
        return card(new Form()
                .field(Words.of("CreateDialog.name"), name)
                .field(Words.of("CreateDialog.engine"), engine)
                .field(Words.of("CreateDialog.variant"), variant));
    }

    private static JPanel card(Form form) {
        JPanel card = new JPanel(new BorderLayout());
        card.add(form, BorderLayout.NORTH);
        return card;
    }

    private static JScrollPane area(JTextArea area) {
        area.setLineWrap(true);
        // Tab goes to the next field, as everywhere in a form.
        area.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null);
        area.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null);
        return new JScrollPane(area);
    }

    private void listen() {
        file.textField().setName("file");
        python.textField().setName("python");
        name.setName("name");
        conda.setName("conda");
        pip.setName("pip");
        file.onChange(this::changed);
        python.onChange(this::changed);
        for (JTextComponent field : List.of(conda, pip, channels, version)) {
            PathField.onChange(field, this::changed);
        }
        PathField.onChange(name, this::check);
        engine.addActionListener(event -> check());
        variant.addActionListener(event -> changed());
        for (JRadioButton way : List.of(fromFile, fromPackages, fromPython)) {
            way.addActionListener(event -> changed());
        }
    }

    /** What shall be in it is another now: reads the file, or what was typed, on another thread. */
    private void changed() {
        turn(fromFile.isSelected() ? fileCard : fromPackages.isSelected() ? packagesCard : pythonCard);
        engine.setEnabled(!fromPython.isSelected());
        variant.setEnabled(!fromPython.isSelected());
        if (reading != null) {
            reading.cancel(true);
        }
        read = null;
        question.allow(false, "");
        Optional<Wanted> wanted = wanted();
        if (wanted.isEmpty()) {
            suggest("");
            return;
        }
        reading = background.ask(wanted.get()::read, this::use, failure -> {
            suggest("");
            question.allow(false, failure.getMessage());
        });
    }

    /** Shows the fields of one of the ways, in a dialog as high as they need. */
    private void turn(JPanel card) {
        if (card.getParent() == null) {
            ways.removeAll();
            ways.add(card);
            question.refit();
        }
    }

    @FunctionalInterface
    private interface Wanted {
        EnvironmentSpec read();
    }

    private Optional<Wanted> wanted() {
        if (fromFile.isSelected()) {
            return file.path().map(path -> () -> EnvironmentSpec.fromFile(path));
        }
        if (fromPython.isSelected()) {
            return python.path().map(path -> () -> existing(path));
        }
        List<String> wantedConda = listed(conda.getText());
        List<String> wantedPip = listed(pip.getText());
        List<String> from = listed(channels.getText());
        String pythonVersion = version.getText().strip();
        return wantedConda.isEmpty() && wantedPip.isEmpty()
                ? Optional.empty()
                : Optional.of(() -> EnvironmentSpec.ofPackages(wantedConda, wantedPip, from, pythonVersion));
    }

    private static EnvironmentSpec existing(Path path) {
        if (!Files.exists(path)) {
            throw new AlcoveException(
                    ErrorKind.ENVIRONMENT_FAILED, Words.of("CreateDialog.noPython", path), null, Map.of());
        }
        return EnvironmentSpec.existing(path);
    }

    /** One a line, or several with commas between; a comma within limits of versions, or within brackets, is no such one. */
    static List<String> listed(String typed) {
        return Arrays.stream(typed.split("\\n|,(?=\\s*[A-Za-z])(?![^\\[\\n]*\\])"))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private void use(EnvironmentSpec spec) {
        read = spec.withVariant(VARIANTS.get(fromPython.isSelected() ? 0 : variant.getSelectedIndex()));
        suggest(read.name());
        check();
    }

    /** Fills in a name unless its user has typed another. */
    private void suggest(String proposed) {
        if (name.getText().isBlank() || name.getText().equals(suggestion)) {
            suggestion = proposed;
            name.setText(proposed);
        }
    }

    private void check() {
        String typed = name.getText().strip();
        boolean isGood = typed.isEmpty() || EnvironmentActions.isName(typed);
        question.allow(read != null && isGood, isGood ? "" : Words.of("EnvironmentActions.badName"));
    }

    private EnvironmentSpec named(EnvironmentSpec spec) {
        EnvironmentSpec made = engine.isEnabled() && engine.getSelectedIndex() > 0
                ? spec.withEngine(ENGINES.get(engine.getSelectedIndex()))
                : spec;
        String typed = name.getText().strip();
        return typed.isEmpty() ? made : made.withName(typed);
    }
}
