package org.alcove.cli;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.imagej.ImageJFolder;
import org.alcove.imagej.Installation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove imagej FOLDER}. */
@Command(
        name = "imagej",
        description = "Puts Alcove into an ImageJ or Fiji: op files become commands in its menus. What an older Alcove left there "
                + "is replaced.",
        footer = {"", "Example: alcove imagej ~/Fiji.app --op cells.py"})
final class ImageJCommand implements Callable<Integer> {
    private static final int OLDEST_JAVA = 17;

    private final Console console;

    @Mixin
    CommonOptions common;

    @Parameters(paramLabel = "FOLDER", description = "The folder of the ImageJ or Fiji: the one with plugins in it.")
    Path folder;

    @Option(names = "--op", arity = "1..*", paramLabel = "FILE",
            description = "Op files to copy to its folder plugins/Alcove; or folders, with all that lies in them: what an op file "
                    + "reads or imports from beside it comes along with the folder only.")
    List<Path> ops = new ArrayList<>();

    @Option(names = "--replace", description = "Replace op files of the same names there.")
    boolean replace;

    ImageJCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        console.setQuiet(common.quiet);
        ImageJFolder imagej = ImageJFolder.at(folder);
        Installation done = Installation.into(imagej, plugin(), ops, replace);
        if (common.json) {
            JsonOutput.print(members(imagej, done));
        } else {
            tell(imagej, done);
        }
        return 0;
    }

    private void tell(ImageJFolder imagej, Installation done) {
        System.out.println(done.jar());
        done.replaced().forEach(old -> console.line("Replaced " + old.getFileName() + "."));
        done.ops().forEach(op -> console.line("Copied " + op + "."));
        console.line("Op files belong into " + imagej.ops() + ".");
        console.line(done.startsByItself()
                ? "Their commands are in the menu Plugins > Alcove when ImageJ is started next."
                : "After each start of ImageJ choose Plugins > Alcove > Refresh Ops: " + imagej.startMacro().file()
                        + " cannot be written.");
        if (isJavaTooOld(imagej)) {
            console.line("This ImageJ comes with Java " + imagej.java().getAsInt() + "; Alcove needs Java " + OLDEST_JAVA
                    + " or newer: start it with another, or download a newer ImageJ or Fiji.");
        }
    }

    private static boolean isJavaTooOld(ImageJFolder imagej) {
        return imagej.java().isPresent() && imagej.java().getAsInt() < OLDEST_JAVA;
    }

    private static Map<String, Object> members(ImageJFolder imagej, Installation done) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("jar", done.jar());
        members.put("replaced", done.replaced());
        members.put("ops_folder", imagej.ops());
        members.put("ops", done.ops());
        members.put("starts_by_itself", done.startsByItself());
        members.put("java", imagej.java().isPresent() ? imagej.java().getAsInt() : null);
        return members;
    }

    /** The plugin lies beside the program, whose build makes both. */
    private static Path plugin() {
        String name = "Alcove_-" + Alcove.version() + ".jar";
        try {
            Path program = Path.of(ImageJCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path plugin = program.resolveSibling(name);
            if (Files.isRegularFile(plugin)) {
                return plugin;
            }
            throw new AlcoveException(
                    ErrorKind.FILE_FAILED,
                    "there is no " + name + " beside " + program,
                    "build it: mvn package in the folder java-manager",
                    Map.of());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
