package org.alcove.fiji;

import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Label;
import java.awt.TextField;
import java.awt.event.ActionEvent;
import java.awt.event.ItemEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.alcove.Eventually;

/** A command that asks, and what people do with its dialog. */
final class AskingCommand {
    private GenericDialog dialog;
    private Thread thread;

    GenericDialog dialog() {
        return dialog;
    }

    void close() {
        if (dialog != null && dialog.isVisible()) {
            press(1);
        }
    }

    /** What comes out of the command's thread, in which the image is the active one. */
    <T> FutureTask<T> command(String name, ImagePlus active, Callable<T> command) {
        FutureTask<T> task = new FutureTask<>(() -> {
            WindowManager.setTempCurrentImage(active);
            try {
                return command.call();
            } finally {
                WindowManager.setTempCurrentImage(null);
            }
        });
        thread = new Thread(task, name);
        thread.start();
        return task;
    }

    FutureTask<Optional<OpRequest>> asked(ImagePlus active, Callable<Optional<OpRequest>> ask) throws Exception {
        FutureTask<Optional<OpRequest>> task = command("command", active, ask);
        Eventually.becomes("a dialog", () -> {
            dialog = GenericDialog.getInstance();
            return task.isDone() || dialog != null && dialog.isVisible() && isWaiting();
        });
        return task;
    }

    /** AWT never wakes the thread up when a dialog is closed between its showing and its waiting. */
    private boolean isWaiting() {
        return Arrays.stream(thread.getStackTrace()).anyMatch(frame -> frame.getClassName().equals("java.awt.WaitDispatchSupport"));
    }

    private static Stream<Component> all(Container container) {
        return Arrays.stream(container.getComponents())
                .flatMap(part -> part instanceof Container inner ? Stream.concat(Stream.of(part), all(inner)) : Stream.of(part));
    }

    <T> T field(Class<T> type, String key) {
        return type.cast(all(dialog).filter(part -> key.equals(part.getName())).findFirst().orElseThrow());
    }

    void type(String key, String text) throws Exception {
        EventQueue.invokeAndWait(() -> field(TextField.class, key).setText(text));
        EventQueue.invokeAndWait(() -> {}); // the event of the text has been heard
    }

    void tick(String key, boolean state) throws Exception {
        EventQueue.invokeAndWait(() -> {
            Checkbox box = field(Checkbox.class, key);
            box.setState(state);
            dialog.itemStateChanged(new ItemEvent(box, ItemEvent.ITEM_STATE_CHANGED, box, ItemEvent.SELECTED));
        });
    }

    void choose(String key, String item) throws Exception {
        EventQueue.invokeAndWait(() -> {
            Choice choice = field(Choice.class, key);
            choice.select(item);
            dialog.itemStateChanged(new ItemEvent(choice, ItemEvent.ITEM_STATE_CHANGED, choice, ItemEvent.SELECTED));
        });
    }

    void press(int button) {
        EventQueue.invokeLater(() -> dialog.actionPerformed(new ActionEvent(dialog.getButtons()[button], 1001, "")));
    }

    String status() throws Exception {
        FutureTask<String> text = new FutureTask<>(() ->
                (field(Label.class, "status0").getText() + " " + field(Label.class, "status1").getText()).strip());
        EventQueue.invokeLater(text);
        return text.get();
    }

    List<String> labels() {
        return all(dialog).filter(Label.class::isInstance)
                .map(label -> ((Label) label).getText())
                .filter(text -> !text.isBlank())
                .toList();
    }

    List<String> items(String key) {
        Choice choice = field(Choice.class, key);
        return Stream.iterate(0, i -> i + 1).limit(choice.getItemCount()).map(choice::getItem).toList();
    }
}
