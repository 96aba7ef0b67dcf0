package org.alcove.gui;

import java.awt.Component;
import java.awt.Dimension;
import javax.swing.JScrollPane;
import javax.swing.JTable;
import org.alcove.EnvironmentUpdate;

/** Shows which packages an update changes, and asks whether it shall. */
final class UpdateDialog {
    private static final Dimension ROOM = new Dimension(620, 300);

    private UpdateDialog() {}

    static boolean confirms(Component owner, EnvironmentUpdate plan) {
        Object[][] rows = plan.changes().stream()
                .map(each -> new Object[] {each.name(), kind(each.kind()), each.from(), each.to(), each.manager()})
                .toArray(Object[][]::new);
        JTable table = Dialogs.table(
                Words.of("UpdateDialog.table"),
                rows,
                Words.of("UpdateDialog.package"),
                Words.of("UpdateDialog.change"),
                Words.of("UpdateDialog.from"),
                Words.of("UpdateDialog.to"),
                Words.of("UpdateDialog.origin"));
        table.setName("changes");
        table.setPreferredScrollableViewportSize(ROOM);
        Question question = new Question(
                owner, Words.of("UpdateDialog.title", plan.name()), Words.of("UpdateDialog.update"));
        String changes = Words.of("UpdateDialog.changes", plan.changes().size());
        question.saying(plan.downloadBytes() > 0
                ? Words.of("UpdateDialog.download", changes, Quantities.size(plan.downloadBytes()))
                : changes);
        return question.with(new JScrollPane(table)).ask();
    }

    private static String kind(EnvironmentUpdate.Kind kind) {
        return switch (kind) {
            case ADDED -> Words.of("UpdateDialog.added");
            case REMOVED -> Words.of("UpdateDialog.removed");
            case UPGRADED -> Words.of("UpdateDialog.upgraded");
            case DOWNGRADED -> Words.of("UpdateDialog.downgraded");
            case REBUILT -> Words.of("UpdateDialog.rebuilt");
        };
    }
}
