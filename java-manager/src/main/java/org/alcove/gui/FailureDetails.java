package org.alcove.gui;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a failure says, and what is only looked up when somebody wants to see it: what the op said, and its packages. */
final class FailureDetails {
    private final FailureText text;
    private final Supplier<String> said;
    private final Supplier<String> environment;
    private String found;

    /** With questions that are never asked on the event thread; that for the environment takes long, and is asked once. */
    FailureDetails(FailureText text, Supplier<String> said, Supplier<String> environment) {
        this.text = text;
        this.said = said;
        this.environment = environment;
    }

    FailureText text() {
        return text;
    }

    /** Gives the rest of the details, on the event thread. */
    void withMore(Consumer<String> listener) {
        EventThread.aside(() -> {
            String known = more();
            EventThread.run(() -> listener.accept(known));
        });
    }

    /** The rest of the details; may take a second. */
    synchronized String more() {
        if (found == null) {
            found = environment.get();
        }
        StringBuilder more = new StringBuilder();
        FailureText.add(more, Words.of("FailureText.said"), said.get());
        FailureText.add(more, Words.of("FailureText.environment"), found);
        return more.toString();
    }
}
