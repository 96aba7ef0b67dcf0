package org.alcove.gui;

import java.util.List;
import java.util.Map;
import javax.swing.table.AbstractTableModel;
import org.alcove.EnvironmentSetting;

/** The settings as rows. */
final class SettingTableModel extends AbstractTableModel {
    static final int NAME = 0;
    static final int VALUE = 1;
    static final int SOURCE = 2;
    private static final int COLUMNS = 3;
    private static final String DEFAULT = "default";

    private final Map<String, String> defaults;
    private List<EnvironmentSetting> rows = List.of();

    /** With what holds by default, by the variable that would change it. */
    SettingTableModel(Map<String, String> defaults) {
        this.defaults = defaults;
    }

    void show(List<EnvironmentSetting> settings) {
        if (!settings.equals(rows)) {
            rows = List.copyOf(settings);
            fireTableDataChanged();
        }
    }

    EnvironmentSetting at(int row) {
        return rows.get(row);
    }

    /** The key, or the variable where there is none. */
    static String name(EnvironmentSetting setting) {
        return setting.name().isEmpty() ? setting.variable() : setting.name();
    }

    /** What set it, in words. */
    static String source(EnvironmentSetting setting) {
        if (setting.source().equals(DEFAULT)) {
            return Words.of("SettingTableModel.default");
        }
        return setting.isVariable()
                ? Words.of("SettingTableModel.variable", setting.source())
                : setting.source();
    }

    static boolean isDefault(EnvironmentSetting setting) {
        return setting.source().equals(DEFAULT);
    }

    @Override
    public int getRowCount() {
        return rows.size();
    }

    @Override
    public int getColumnCount() {
        return COLUMNS;
    }

    @Override
    public String getColumnName(int column) {
        return switch (column) {
            case NAME -> Words.of("SettingTableModel.name");
            case VALUE -> Words.of("SettingTableModel.value");
            default -> Words.of("SettingTableModel.source");
        };
    }

    @Override
    public Object getValueAt(int row, int column) {
        EnvironmentSetting setting = rows.get(row);
        return switch (column) {
            case NAME -> name(setting);
            case VALUE -> value(setting);
            default -> source(setting);
        };
    }

    private String value(EnvironmentSetting setting) {
        if (!setting.name().isEmpty()) {
            return setting.valueText();
        }
        return setting.value() == null ? defaults.getOrDefault(setting.variable(), "") : String.valueOf(setting.value());
    }
}
