package org.alcove.gui;

import java.util.List;
import java.util.Map;
import org.alcove.EnvironmentSetting;

/** The settings as rows. */
final class SettingTableModel extends RowTableModel<EnvironmentSetting> {
    static final int NAME = 0;
    static final int VALUE = 1;
    private static final String DEFAULT = "default";

    /** With what holds by default, by the variable that would change it. */
    SettingTableModel(Map<String, String> defaults) {
        super(List.of(
                Column.ofText(Words.of("SettingTableModel.name"), SettingTableModel::name),
                Column.ofText(Words.of("SettingTableModel.value"), setting -> value(setting, defaults)),
                Column.ofText(Words.of("SettingTableModel.source"), SettingTableModel::source)));
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

    private static String value(EnvironmentSetting setting, Map<String, String> defaults) {
        if (!setting.name().isEmpty()) {
            return setting.valueText();
        }
        return setting.value() == null ? defaults.getOrDefault(setting.variable(), "") : String.valueOf(setting.value());
    }
}
