package org.alcove.start;

import ij.IJ;
import ij.Macro;
import ij.plugin.PlugIn;
import java.awt.GraphicsEnvironment;
import java.lang.reflect.InvocationTargetException;
import java.text.MessageFormat;
import java.util.ResourceBundle;
import java.util.function.Consumer;

/**
 * The class that ImageJ's menu entries name. On a Java that is too old it says so; else it hands over to {@code
 * org.alcove.fiji.Commands}, which it knows by name alone: loading it would fail there.
 */
public final class Start implements PlugIn {
    private static final int NEEDED = 17;
    private static final String COMMANDS = "org.alcove.fiji.Commands";
    // ImageJ loads all plugins anew when menus are refreshed; workers and running calls are those of the first.
    private static final String FIRST = "org.alcove.commands";

    /** For ImageJ. */
    public Start() {}

    @Override
    public void run(String argument) {
        int version = version();
        if (version < NEEDED) {
            refuse(version);
            return;
        }
        try {
            commands().accept(argument);
        } catch (ClassNotFoundException | NoSuchMethodException | IllegalAccessException e) {
            throw new IllegalStateException(e); // the jar is not whole
        }
    }

    @SuppressWarnings("unchecked")
    private static Consumer<String> commands() throws ClassNotFoundException, NoSuchMethodException, IllegalAccessException {
        synchronized (IJ.class) {
            Object first = IJ.getProperty(FIRST);
            if (first == null) {
                first = consumer(Class.forName(COMMANDS).getMethod("run", String.class));
                IJ.setProperty(FIRST, first);
            }
            return (Consumer<String>) first;
        }
    }

    private static Consumer<String> consumer(java.lang.reflect.Method run) {
        return argument -> {
            try {
                run.invoke(null, argument);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            } catch (InvocationTargetException e) {
                if (e.getCause() instanceof RuntimeException) {
                    throw (RuntimeException) e.getCause(); // a cancelled macro among them
                }
                throw (Error) e.getCause();
            }
        };
    }

    private static void refuse(int version) {
        ResourceBundle words = ResourceBundle.getBundle("org.alcove.start.Words");
        String text = MessageFormat.format(
                words.getString("Start.javaTooOld"),
                String.valueOf(NEEDED),
                String.valueOf(version),
                System.getProperty("java.home"));
        String options = Macro.getOptions();
        if (options != null && options.contains("quiet")) { // at ImageJ's start
            IJ.showStatus(text.substring(0, text.indexOf('\n')));
        } else if (GraphicsEnvironment.isHeadless() || IJ.getInstance() == null) {
            System.err.println(text);
            Macro.abort();
        } else {
            IJ.error(words.getString("Start.title"), text);
        }
    }

    /** The feature version: 8 for 1.8. */
    private static int version() {
        String version = System.getProperty("java.specification.version");
        return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    }
}
