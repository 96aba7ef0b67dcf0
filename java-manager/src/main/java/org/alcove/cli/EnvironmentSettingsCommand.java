package org.alcove.cli;

import java.util.List;
import org.alcove.EnvironmentSetting;
import org.alcove.Environments;
import picocli.CommandLine.Command;

/** {@code alcove env settings}. */
@Command(
        name = "settings",
        description = "Shows the settings for channels, mirrors, proxies, certificates and caches, and where each comes from.",
        footer = {"", "Example: alcove env settings"})
final class EnvironmentSettingsCommand extends EnvironmentsCommand {
    EnvironmentSettingsCommand(Console console) {
        super(console);
    }

    @Override
    int run(Environments environments) {
        List<EnvironmentSetting> settings = environments.settings();
        if (common.json) {
            JsonOutput.print(settings.stream().map(EnvironmentSetting::members).toList());
            return 0;
        }
        Columns columns = new Columns("");
        for (EnvironmentSetting each : settings) {
            String value = each.value() == null ? "-" : JsonOutput.forPeople(each.value());
            columns.add(
                    each.name().isEmpty() ? each.variable() : each.name(),
                    value,
                    each.source().equals("default") ? "" : "from " + each.source());
        }
        columns.print();
        return 0;
    }
}
