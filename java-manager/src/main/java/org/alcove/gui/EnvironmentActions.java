package org.alcove.gui;

import java.awt.Toolkit;
import java.awt.event.KeyEvent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.swing.Action;
import javax.swing.JFrame;
import javax.swing.KeyStroke;
import javax.swing.SwingUtilities;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Environment;
import org.alcove.EnvironmentCheck;
import org.alcove.EnvironmentInfo;
import org.alcove.EnvironmentSpec;
import org.alcove.EnvironmentText;
import org.alcove.EnvironmentUpdate;
import org.alcove.Environments;
import org.alcove.Progress;

/** What can be done with environments: each asks what it has to know, then starts a job. */
final class EnvironmentActions {
    private static final String NAME = "[A-Za-z0-9._-]{1,100}";

    final Action create = Labels.action(Words.of("EnvironmentActions.create"), this::create);
    final Action update = Labels.action(Words.of("EnvironmentActions.update"), this::update);
    final Action updateFrom = Labels.action(Words.of("EnvironmentActions.updateFrom"), this::updateFrom);
    final Action lock = Labels.action(Words.of("EnvironmentActions.lock"), this::lock);
    final Action export = Labels.action(Words.of("EnvironmentActions.export"), this::export);
    final Action verify = Labels.action(Words.of("EnvironmentActions.verify"), this::verify);
    final Action repair = Labels.action(Words.of("EnvironmentActions.repair"), this::repair);
    final Action rename = Labels.action(Words.of("EnvironmentActions.rename"), this::rename);
    final Action remove = Labels.action(Words.of("EnvironmentActions.remove"), this::remove);
    final Action clean = Labels.action(Words.of("EnvironmentActions.clean"), this::clean);
    final Action pack = Labels.action(Words.of("EnvironmentActions.pack"), this::pack);
    final Action unpack = Labels.action(Words.of("EnvironmentActions.unpack"), this::unpack);

    private final JFrame owner;
    private final Alcove alcove;
    private final Environments environments;
    private final Jobs jobs;
    private final Background lookups;
    private final Background files = new Background("alcove-gui-files");
    private final View view;

    /** The list that they are chosen from. */
    interface View {
        /** What is selected. */
        List<EnvironmentInfo> selected();

        /** All that are there, as far as is known. */
        List<EnvironmentInfo> all();

        /** Selects the environment as soon as the list has it. */
        void select(String name);
    }

    EnvironmentActions(JFrame owner, Alcove alcove, Jobs jobs, Background lookups, View view) {
        this.owner = owner;
        this.alcove = alcove;
        this.environments = alcove.environments();
        this.jobs = jobs;
        this.lookups = lookups;
        this.view = view;
        int control = Toolkit.getDefaultToolkit().getMenuShortcutKeyMaskEx();
        create.putValue(Action.ACCELERATOR_KEY, KeyStroke.getKeyStroke(KeyEvent.VK_N, control));
        update.putValue(Action.ACCELERATOR_KEY, KeyStroke.getKeyStroke(KeyEvent.VK_U, control));
        rename.putValue(Action.ACCELERATOR_KEY, KeyStroke.getKeyStroke(KeyEvent.VK_F2, 0));
        remove.putValue(Action.ACCELERATOR_KEY, KeyStroke.getKeyStroke(KeyEvent.VK_DELETE, 0));
        enable(false);
    }

    /** Whether it can be the name of an environment. */
    static boolean isName(String text) {
        return text.matches(NAME);
    }

    /** Lets be done what can be done with what is selected. */
    void enable(boolean isShowing) {
        List<EnvironmentInfo> selected = view.selected();
        boolean areOwn = isShowing && !selected.isEmpty() && selected.stream().allMatch(EnvironmentActions::isOwn);
        boolean isOne = isShowing && selected.size() == 1 && selected.get(0).isCurrent();
        boolean isOwn = isOne && areOwn;
        boolean isMade = isOwn && !selected.get(0).engine().equals("existing");
        for (Action action : List.of(create, clean, unpack, lock)) {
            action.setEnabled(isShowing);
        }
        for (Action action : List.of(update, updateFrom, repair)) {
            action.setEnabled(isMade);
        }
        boolean isReady = isOne && selected.get(0).state() == EnvironmentInfo.State.READY;
        for (Action action : List.of(export, verify, pack)) {
            action.setEnabled(isReady && !selected.get(0).engine().equals("existing"));
        }
        rename.setEnabled(isOwn);
        remove.setEnabled(areOwn);
    }

    void close() {
        files.close();
    }

    /** Whether this user's Alcove made it, so that its name stands for it: no earlier version, no remains. */
    private static boolean isOwn(EnvironmentInfo environment) {
        return !environment.isShared()
                && environment.isCurrent()
                && environment.state() != EnvironmentInfo.State.INCOMPLETE;
    }

    private void create() {
        new CreateDialog(owner, files).ask().ifPresent(spec -> files.ask(
                () -> environments.find(spec).filter(found -> found.directory() != null).isPresent(),
                isReady -> create(spec, isReady),
                this::failed));
    }

    private void create(EnvironmentSpec spec, boolean isReady) {
        boolean isReplaced = !isReady && view.all().stream().anyMatch(each -> each.name().equals(spec.name()) && isOwn(each));
        if (isReplaced
                && !Question.confirms(
                        owner,
                        Words.of("EnvironmentActions.replaceTitle"),
                        Words.of("EnvironmentActions.replaceQuestion", spec.name()),
                        Words.of("EnvironmentActions.replace"))) {
            return;
        }
        start(Words.of("EnvironmentActions.creating", spec.name()), spec, listener -> environments.create(spec, listener),
                made -> created(made, isReady));
    }

    private String created(Environment made, boolean wasReady) {
        view.select(made.name());
        return wasReady
                ? Words.of("EnvironmentActions.wasReady", made.name())
                : Words.of("EnvironmentActions.created", made.name());
    }

    private void update() {
        String name = name();
        plan(name, listener -> environments.plan(name, listener), listener -> environments.update(name, listener));
    }

    private void updateFrom() {
        String name = name();
        OpenDialog.ask(owner, files, Words.of("EnvironmentActions.updateFromTitle", name),
                        Words.of("EnvironmentActions.updateFromText", name))
                .ifPresent(file -> plan(
                        name,
                        listener -> environments.plan(EnvironmentSpec.fromFile(file).withName(name), listener),
                        listener -> environments.update(EnvironmentSpec.fromFile(file).withName(name), listener)));
    }

    /** Looks what changes, and asks before it does. */
    private void plan(String name, Job.Work<EnvironmentUpdate> looking, Job.Work<EnvironmentUpdate> updating) {
        start(Words.of("EnvironmentActions.planning", name), looking, plan -> {
            if (!plan.isChange()) {
                return Words.of("EnvironmentActions.upToDate", name);
            }
            later(() -> {
                if (UpdateDialog.confirms(owner, plan)) {
                    start(Words.of("EnvironmentActions.updating", name), updating, this::updated);
                }
            });
            return Words.of("EnvironmentActions.planned", plan.changes().size());
        });
    }

    private String updated(EnvironmentUpdate update) {
        view.select(update.name());
        String done = Words.of("EnvironmentActions.updated", update.name(), update.changes().size());
        return update.isOldKept() ? done + " " + Words.of("EnvironmentActions.oldKept") : done;
    }

    private void lock() {
        Optional<EnvironmentInfo> one = view.selected().stream()
                .filter(each -> each.isCurrent() && !each.engine().equals("existing"))
                .findFirst();
        new LockDialog(owner, one.map(EnvironmentInfo::name).orElse(null)).ask().ifPresent(choice -> {
            Path file = choice.file();
            String what = file == null ? one.orElseThrow().name() : String.valueOf(file.getFileName());
            Callable<EnvironmentSpec> spec =
                    () -> file == null ? specification(one.orElseThrow().name()) : EnvironmentSpec.fromFile(file);
            start(Words.of("EnvironmentActions.locking", what),
                    listener -> environments.lock(spec.call(), choice.platforms(), listener),
                    lock -> {
                        later(() -> save(what, lock, file));
                        return Words.of("EnvironmentActions.locked", what);
                    });
        });
    }

    /** What an environment was made from. */
    private EnvironmentSpec specification(String name) {
        Map<?, ?> members = (Map<?, ?>) environments.show(name).members().get("specification");
        String source = members.get("source") instanceof String text ? text : "";
        return new EnvironmentSpec(
                name,
                String.valueOf(members.get("engine")),
                String.valueOf(members.get("format")),
                String.valueOf(members.get("text")),
                members.get("first_line") instanceof Number line ? line.intValue() : 0,
                source.isEmpty() ? null : Path.of(source),
                members.get("variant") instanceof String variant && !variant.isEmpty() ? variant : "auto");
    }

    private void export() {
        String name = name();
        boolean isConda = !view.selected().get(0).engine().equals("uv");
        ExportDialog.ask(owner, isConda, name).ifPresent(format -> start(
                Words.of("EnvironmentActions.exporting", name),
                listener -> environments.export(name, format),
                text -> {
                    later(() -> save(name, text, null));
                    return Words.of("EnvironmentActions.exported", name);
                }));
    }

    private void save(String what, EnvironmentText text, Path besides) {
        Path folder = besides == null ? Path.of(System.getProperty("user.home")) : besides.getParent();
        SaveDialog.ask(
                        owner,
                        files,
                        Words.of("EnvironmentActions.saveTitle", what),
                        Words.of("EnvironmentActions.saveText", what),
                        folder.resolve(text.fileName()))
                .ifPresent(file -> jobs.start(
                        Words.of("EnvironmentActions.saving", file.getFileName()),
                        listener -> {
                            SaveDialog.write(file, text.text());
                            return file;
                        },
                        written -> Words.of("EnvironmentActions.saved", written)));
    }

    private void verify() {
        String name = name();
        start(Words.of("EnvironmentActions.verifying", name), listener -> environments.verify(name, listener), check -> {
            if (check.damages().isEmpty()) {
                return Words.of("EnvironmentActions.whole", name, check.files());
            }
            later(() -> {
                if (DamageDialog.confirms(owner, check)) {
                    repair(name);
                }
            });
            return Words.of("EnvironmentActions.damaged", name, check.damages().size(), check.files());
        });
    }

    private void repair() {
        repair(name());
    }

    private void repair(String name) {
        start(Words.of("EnvironmentActions.repairing", name), listener -> {
            IdleWorkers.end(alcove, name);
            return environments.repair(name, listener);
        }, check -> repaired(name, check));
    }

    private static String repaired(String name, EnvironmentCheck check) {
        return check.isRepaired()
                ? Words.of("EnvironmentActions.repaired", name, check.damages().size())
                : Words.of("EnvironmentActions.whole", name, check.files());
    }

    private void rename() {
        String name = name();
        RenameDialog.ask(owner, name, view.all()).ifPresent(newName -> start(
                Words.of("EnvironmentActions.renaming", name),
                listener -> {
                    IdleWorkers.end(alcove, name);
                    environments.rename(name, newName, listener);
                    return newName;
                },
                done -> {
                    view.select(done);
                    return Words.of("EnvironmentActions.renamed", name, done);
                }));
    }

    private void remove() {
        List<String> names = view.selected().stream().map(EnvironmentInfo::name).toList();
        if (RemoveDialog.confirms(owner, environments, lookups, names)) {
            String what = String.join(", ", names);
            start(Words.of("EnvironmentActions.removing", what), listener -> {
                long freed = 0;
                for (String name : names) {
                    IdleWorkers.end(alcove, name);
                    freed += environments.remove(name, false);
                }
                return freed;
            }, freed -> Words.of("EnvironmentActions.removed", what, Quantities.size(freed)));
        }
    }

    private void clean() {
        // What can go, the toolbox alone knows, and its user is asked before that is downloaded.
        lookups.ask(() -> FirstRun.prepare(owner, alcove), isPrepared -> {
            if (isPrepared) {
                cleanPrepared();
            }
        }, this::failed);
    }

    private void cleanPrepared() {
        new CleanDialog(owner, environments, lookups).ask().ifPresent(choice -> start(
                Words.of("EnvironmentActions.cleaning"),
                listener -> environments.clean(choice.unusedDays(), choice.caches(), false, listener),
                done -> Words.of("EnvironmentActions.cleaned", Quantities.size(done.freedBytes()))));
    }

    private void pack() {
        String name = name();
        PackDialogs.pack(owner, files, name).ifPresent(packing -> start(
                Words.of("EnvironmentActions.packing", name),
                listener -> environments.pack(name, packing.file(), packing.withToolbox(), listener),
                bytes -> Words.of("EnvironmentActions.packed", packing.file(), Quantities.size(bytes))));
    }

    private void unpack() {
        // Without the question of the first run: the toolbox may be in the file.
        PackDialogs.unpack(owner, files).ifPresent(unpacking -> jobs.start(
                Words.of("EnvironmentActions.unpacking", unpacking.file().getFileName()),
                listener -> environments.unpack(unpacking.file(), unpacking.name(), listener),
                made -> created(made, false)));
    }

    private String name() {
        return view.selected().get(0).name();
    }

    private <T> void start(String title, Job.Work<T> work, Function<T, String> done) {
        start(title, null, work, done);
    }

    /** Starts a job that needs the toolbox, for which its user is asked where it is missing. */
    private <T> void start(String title, EnvironmentSpec spec, Job.Work<T> work, Function<T, String> done) {
        jobs.start(title, (Consumer<Progress> listener) -> {
            if (!FirstRun.prepare(owner, alcove, spec)) {
                throw new InterruptedException("its user did not want the toolbox");
            }
            return work.run(listener);
        }, done);
    }

    private void failed(AlcoveException failure) {
        FailureWindow.show(owner, failure, null, null);
    }

    /** Opens a dialog once the job that it is about has ended. */
    private void later(Runnable dialog) {
        SwingUtilities.invokeLater(() -> {
            if (owner.isDisplayable()) {
                dialog.run();
            }
        });
    }
}
