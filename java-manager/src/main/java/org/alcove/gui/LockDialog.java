package org.alcove.gui;

import java.awt.Component;
import java.awt.GridLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.swing.ButtonGroup;
import javax.swing.JCheckBox;
import javax.swing.JPanel;
import javax.swing.JRadioButton;

/** Asks what a lock file shall be of, and for which platforms. */
final class LockDialog {
    /** As conda names them, and in the order in which they are shown. */
    private static final List<String> PLATFORMS =
            List.of("linux-64", "linux-aarch64", "win-64", "win-arm64", "osx-64", "osx-arm64");

    /**
     * What was asked for.
     *
     * @param file the file whose packages shall be locked; null for those of the environment that is selected
     * @param platforms none for this one alone
     */
    record Choice(Path file, List<String> platforms) {}

    private final Question question;
    private final JRadioButton ofEnvironment = new JRadioButton();
    private final JRadioButton ofFile = Labels.named(new JRadioButton(), Words.of("LockDialog.ofFile"));
    private final PathField file = new PathField(PathField.Kind.FILE, Words.of("LockDialog.fileTitle"));
    private final List<JCheckBox> platforms = new ArrayList<>();

    /** @param environment the one that is selected; null when none is */
    LockDialog(Component owner, String environment) {
        question = new Question(owner, Words.of("LockDialog.title"), Words.of("LockDialog.lock"));
        ButtonGroup group = new ButtonGroup();
        group.add(ofEnvironment);
        group.add(ofFile);
        Form form = new Form();
        if (environment != null) {
            form.wide(Labels.named(ofEnvironment, Words.of("LockDialog.ofEnvironment", environment)));
        }
        form.wide(ofFile).field(Words.of("LockDialog.file"), file);
        (environment == null ? ofFile : ofEnvironment).setSelected(true);
        form.field(Words.of("LockDialog.platforms"), platforms());
        form.under(Labels.paragraph(Words.of("LockDialog.platformsHint"), 30));
        question.saying(Words.of("LockDialog.explanation")).with(form);
        ofEnvironment.addActionListener(event -> check());
        ofFile.addActionListener(event -> check());
        file.textField().setName("file");
        file.onChange(() -> {
            ofFile.setSelected(true);
            check();
        });
        check();
    }

    Optional<Choice> ask() {
        if (!question.ask()) {
            return Optional.empty();
        }
        List<String> chosen =
                platforms.stream().filter(JCheckBox::isSelected).map(JCheckBox::getName).toList();
        return Optional.of(new Choice(ofFile.isSelected() ? file.path().orElseThrow() : null, chosen));
    }

    private JPanel platforms() {
        JPanel grid = new JPanel(new GridLayout(0, 2, 12, 0));
        for (String platform : PLATFORMS) {
            JCheckBox box = new JCheckBox(Words.of("LockDialog.platform", name(platform), platform));
            box.setName(platform);
            platforms.add(box);
            grid.add(box);
        }
        return grid;
    }

    private static String name(String platform) {
        return switch (platform) {
            case "linux-64" -> Words.of("LockDialog.linux");
            case "linux-aarch64" -> Words.of("LockDialog.linuxArm");
            case "win-64" -> Words.of("LockDialog.windows");
            case "win-arm64" -> Words.of("LockDialog.windowsArm");
            case "osx-64" -> Words.of("LockDialog.macIntel");
            default -> Words.of("LockDialog.mac");
        };
    }

    private void check() {
        question.allow(ofEnvironment.isSelected() || file.path().isPresent(), "");
    }
}
