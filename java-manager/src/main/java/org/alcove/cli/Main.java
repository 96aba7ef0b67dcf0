package org.alcove.cli;

/** Where the program starts. */
public final class Main {
    private Main() {}

    /** Runs the command that the arguments name; the exit code is 0, 1 for a failure, 2 for wrong arguments. */
    public static void main(String[] arguments) {
        // Without the parser, and from a class that names nothing of it: to load and verify it takes longer than a JVM.
        if (arguments.length == 1 && (arguments[0].equals("--version") || arguments[0].equals("-V"))) {
            String version = Main.class.getPackage().getImplementationVersion(); // the jar's
            if (version != null) {
                System.out.println("Alcove ".concat(version)); // a + would be linked at run time, which takes as long
                return;
            }
        }
        Program.run(arguments);
    }
}
