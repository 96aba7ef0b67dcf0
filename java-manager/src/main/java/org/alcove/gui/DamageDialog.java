package org.alcove.gui;

import java.awt.Component;
import java.awt.Dimension;
import javax.swing.JScrollPane;
import javax.swing.JTable;
import org.alcove.EnvironmentCheck;

/** Shows which files of an environment are damaged, and asks whether it shall be repaired. */
final class DamageDialog {
    private static final Dimension ROOM = new Dimension(620, 240);

    private DamageDialog() {}

    static boolean confirms(Component owner, EnvironmentCheck check) {
        Object[][] rows = check.damages().stream()
                .map(each -> new Object[] {each.path(), each.packageName(), problem(each.problem())})
                .toArray(Object[][]::new);
        JTable table = Dialogs.table(
                Words.of("DamageDialog.table"),
                rows,
                Words.of("DamageDialog.file"),
                Words.of("DamageDialog.package"),
                Words.of("DamageDialog.problem"));
        table.setName("damages");
        table.getColumnModel().getColumn(0).setPreferredWidth(ROOM.width / 2);
        table.setPreferredScrollableViewportSize(ROOM);
        return new Question(owner, Words.of("DamageDialog.title", check.name()), Words.of("DamageDialog.repair"))
                .saying(Words.of("DamageDialog.damaged", check.damages().size(), check.files()))
                .with(new JScrollPane(table))
                .ask();
    }

    private static String problem(String word) {
        return switch (word) {
            case "missing" -> Words.of("DamageDialog.missing");
            case "changed" -> Words.of("DamageDialog.changed");
            default -> Words.of("DamageDialog.unreadable");
        };
    }
}
