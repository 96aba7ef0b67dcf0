package org.alcove.gui;

import java.awt.Component;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.swing.JTextArea;
import org.alcove.EnvironmentInfo;
import org.alcove.Environments;

/** Says what removing environments frees and who uses them, and asks whether they shall go. */
final class RemoveDialog {
    private static final int COLUMNS = 44;

    private RemoveDialog() {}

    static boolean confirms(Component owner, Environments environments, Background background, List<String> names) {
        String subject = names.size() == 1 ? names.get(0) : Words.of("RemoveDialog.several", names.size());
        JTextArea facts = Labels.paragraph(Words.of("RemoveDialog.looking"), COLUMNS);
        facts.setName("facts");
        Question question =
                new Question(owner, Words.of("RemoveDialog.title", subject), Words.of("RemoveDialog.remove"));
        question.saying(Words.of("RemoveDialog.question", subject)).with(facts);
        var asking = background.ask(
                () -> names.stream().map(environments::show).toList(),
                shown -> {
                    facts.setText(facts(shown));
                    question.fit();
                },
                failure -> facts.setText(failure.getMessage()));
        boolean answer = question.ask();
        asking.cancel(true);
        return answer;
    }

    private static String facts(List<EnvironmentInfo> environments) {
        List<String> lines = new ArrayList<>();
        lines.add(Words.of("RemoveDialog.frees", Quantities.size(
                environments.stream().mapToLong(EnvironmentInfo::ownBytes).sum())));
        String users = environments.stream()
                .flatMap(each -> each.usedBy().stream())
                .map(Path::toString)
                .collect(Collectors.joining("\n"));
        if (!users.isEmpty()) {
            lines.add(Words.of("RemoveDialog.usedBy", users));
        }
        if (environments.stream().anyMatch(EnvironmentInfo::isInUse)) {
            lines.add(Words.of("RemoveDialog.inUse"));
        }
        return String.join("\n\n", lines);
    }
}
