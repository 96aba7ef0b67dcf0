package org.alcove.fiji;

import ij.IJ;
import ij.gui.DialogListener;
import ij.gui.GenericDialog;
import ij.plugin.frame.Recorder;
import java.awt.AWTEvent;
import java.awt.Checkbox;
import java.awt.Color;
import java.awt.Label;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Parameter;

/** The dialog of a command: one of ImageJ's own, so that it looks and behaves as those of all other commands. */
final class FormDialog implements DialogListener, Preview.Listener {
    private static final Color WRONG = new Color(0xB0, 0, 0);

    private final OpForm form;
    private final Remembered remembered;
    private final Preview preview;
    private final Map<Field, Supplier<String>> shown = new LinkedHashMap<>();
    private final List<Label> status = new ArrayList<>();
    private GenericDialog dialog;
    private Checkbox stack;
    private Checkbox previewBox;
    private Map<Field, Object> previewed;

    FormDialog(Alcove alcove, OpForm form) {
        this(alcove, form, Preview.FIRST);
    }

    /**
     * @param patience how long the first run for the preview may take
     */
    FormDialog(Alcove alcove, OpForm form, Duration patience) {
        this.form = form;
        this.remembered = new Remembered(form.op());
        this.preview = new Preview(alcove, patience, this);
    }

    /** Loads what a dialog is made of, by making one that is never shown. */
    static void warmUp() {
        GenericDialog unseen = new GenericDialog("");
        Map<String, Object> number = Map.of(
                "name", "number", "type", "float", "minimum", 0.0, "maximum", 1.0, "required", false, "default", 0.5);
        Map<String, Object> text = Map.of("name", "text", "type", "string", "required", true);
        Map<String, Object> choice = Map.of("name", "choice", "type", "choice", "choices", List.of("a"), "required", true);
        Parameter box = new Parameter(Map.of("name", "box", "type", "boolean", "required", true));
        for (Field field : List.of(
                new NumberField("number", new Parameter(number)),
                new WrittenField("text", new Parameter(text)),
                ChoiceField.of("choice", new Parameter(choice)),
                new CheckboxField("box", "box", true, box))) {
            field.parse(field.add(unseen, field.initial()).get());
        }
        unseen.addHelp("");
        unseen.pack();
        unseen.removeNotify(); // not dispose, which tells ImageJ that no dialog is open
    }

    /** Shows it and waits; empty when it was cancelled. Where there is nothing to ask for, nothing is shown. */
    Optional<OpRequest> ask() {
        if (!form.isSettled()) {
            build();
            try (preview) {
                dialog.showDialog();
            }
            if (dialog.wasCanceled()) {
                return Optional.empty();
            }
        }
        Map<Field, String> texts = texts();
        Map<Field, Object> values = form.values(texts::get);
        remembered.save(texts);
        if (Recorder.record) {
            Map<Field, String> recorded = new LinkedHashMap<>(texts);
            if (!form.repetition(values).isOptional()) {
                recorded.remove(form.stack());
            }
            Recording.record(recorded);
        }
        return Optional.of(form.request(values));
    }

    private void build() {
        dialog = new GenericDialog(form.title());
        for (Field field : form.shown()) {
            shown.put(field, field.add(dialog, remembered.text(field)));
            if (field == form.stack()) {
                stack = (Checkbox) dialog.getCheckboxes().lastElement();
            }
        }
        if (form.canBeShown()) {
            CheckboxField.arrange(dialog);
            dialog.addPreviewCheckbox(null, Words.of("FormDialog.preview"));
            previewBox = dialog.getPreviewCheckbox();
            previewBox.setName("preview");
        }
        for (int line = 0; line < Lines.COUNT; line++) {
            dialog.setInsets(0, 20, 0);
            dialog.addMessage(" ");
            status.add((Label) dialog.getMessage());
            dialog.getMessage().setName("status" + line);
            dialog.getMessage().setVisible(line == 0);
        }
        dialog.addHelp(Help.html(form.op()));
        dialog.addDialogListener(this);
        boolean isValid = dialogItemChanged(dialog, null);
        dialog.getButtons()[0].setEnabled(isValid);
    }

    private Map<Field, String> texts() {
        Map<Field, String> texts = new LinkedHashMap<>();
        for (Field field : form.fields()) {
            texts.put(field, shown.containsKey(field) ? shown.get(field).get() : field.initial());
        }
        return texts;
    }

    /** Says what is wrong, and keeps OK from being pressed until it is mended. */
    @Override
    public boolean dialogItemChanged(GenericDialog changed, AWTEvent event) {
        try {
            Map<Field, Object> values = form.values(texts()::get);
            say("", false);
            count(form.repetition(values));
            preview(values);
            return true;
        } catch (AlcoveException mistake) {
            say(mistake.getMessage(), true);
            return false;
        }
    }

    /** Another run for other values, as long as the box is ticked. */
    private void preview(Map<Field, Object> values) {
        boolean isWanted = previewBox != null && previewBox.getState();
        if (isWanted && !values.equals(previewed)) {
            preview.show(() -> form.request(values));
        } else if (!isWanted && previewed != null) {
            preview.hide();
            running(false);
        }
        previewed = isWanted ? values : null;
    }

    @Override
    public void running(boolean isRunning) {
        dialog.previewRunning(isRunning);
    }

    @Override
    public void failed(String message, boolean isOver) {
        say(message, true);
        IJ.showStatus(message);
        if (isOver) {
            previewBox.setState(false); // which tells no listener
            previewed = null;
            preview.hide();
            running(false);
        }
    }

    private void count(Repetition repetition) {
        if (stack != null) {
            stack.setEnabled(repetition.isOptional());
            stack.setLabel(repetition.isOne() ? form.stack().label() : repetition.text());
        }
    }

    /** One line is always there; the window grows for the second, and for a long one. */
    private void say(String text, boolean isWrong) {
        List<String> lines = Lines.wrap(text);
        boolean fits = true;
        for (int line = 0; line < Lines.COUNT; line++) {
            Label label = status.get(line);
            label.setForeground(isWrong ? WRONG : dialog.getForeground());
            label.setText(lines.get(line));
            boolean isNeeded = line == 0 || !lines.get(line).isEmpty();
            fits &= !isNeeded || label.isVisible() && label.getPreferredSize().width <= label.getWidth();
            label.setVisible(label.isVisible() || isNeeded);
        }
        if (dialog.isVisible() && !fits) {
            dialog.pack();
        }
    }
}
