package org.alcove.gui;

import java.time.Instant;
import java.util.List;
import org.alcove.EnvironmentInfo;

/** The environments as rows; {@link EnvironmentCells} says to people what stands in them. */
final class EnvironmentTableModel extends RowTableModel<EnvironmentInfo> {
    static final int NAME = 0;

    EnvironmentTableModel() {
        super(List.of(
                Column.ofText(Words.of("EnvironmentTableModel.name"), EnvironmentInfo::name),
                Column.ofText(Words.of("EnvironmentTableModel.state"), EnvironmentCells::state),
                Column.ofText(
                        Words.of("EnvironmentTableModel.inUse"),
                        environment -> environment.isInUse() ? Words.of("EnvironmentTableModel.yes") : ""),
                Column.ofText(Words.of("EnvironmentTableModel.engine"), EnvironmentInfo::engine),
                Column.ofText(Words.of("EnvironmentTableModel.python"), EnvironmentInfo::pythonVersion),
                new Column<>(Words.of("EnvironmentTableModel.size"), Long.class, EnvironmentInfo::sizeBytes),
                new Column<>(
                        Words.of("EnvironmentTableModel.lastUsed"),
                        Instant.class,
                        environment -> environment.lastUsed().orElse(Instant.MIN))));
    }
}
