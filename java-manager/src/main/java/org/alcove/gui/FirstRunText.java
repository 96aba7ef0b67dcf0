package org.alcove.gui;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alcove.EnvironmentSpec;
import org.alcove.ToolboxPlan;

/**
 * What is said before the first download.
 *
 * @param facts what, from where, where to, how large; by what each is called
 * @param next what comes afterwards
 * @param warning what will not work; empty when nothing is in the way
 */
record FirstRunText(Map<String, String> facts, String next, String warning) {
    /**
     * Puts the plan in words.
     *
     * @param environment what will be made after the toolbox, or null
     */
    static FirstRunText of(ToolboxPlan plan, EnvironmentSpec environment) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(Words.of("FirstRun.download"), plan.wheels().isPresent()
                ? Words.of("FirstRun.nothing")
                : Words.of("FirstRun.about", Quantities.size(plan.downloadBytes())));
        facts.put(Words.of("FirstRun.from"), from(plan));
        facts.put(Words.of("FirstRun.python"), python(plan));
        facts.put(Words.of("FirstRun.to"), plan.directory().toString());
        facts.put(Words.of("FirstRun.room"), room(plan));
        return new FirstRunText(facts, next(environment), warning(plan));
    }

    private static String from(ToolboxPlan plan) {
        String source = plan.wheels().map(Path::toString)
                .or(plan::index)
                .orElseGet(() -> Words.of("FirstRun.usualIndex"));
        return plan.proxy().filter(proxy -> plan.wheels().isEmpty())
                .map(proxy -> Words.of("FirstRun.byProxy", source, proxy))
                .orElse(source);
    }

    private static String python(ToolboxPlan plan) {
        return plan.python()
                .or(() -> plan.pythonSource().map(source -> Words.of("FirstRun.bringsPython", source)))
                .orElseGet(() -> Words.of("FirstRun.noPython"));
    }

    private static String room(ToolboxPlan plan) {
        String needed = Words.of("FirstRun.about", Quantities.size(plan.diskBytes()));
        return plan.freeBytes().isPresent()
                ? Words.of("FirstRun.free", needed, Quantities.size(plan.freeBytes().getAsLong()))
                : needed;
    }

    private static String next(EnvironmentSpec environment) {
        if (environment == null) {
            return Words.of("FirstRun.next");
        }
        Path source = environment.source();
        String wanted = source == null ? environment.name() : String.valueOf(source.getFileName());
        return Words.of("FirstRun.nextFor", wanted);
    }

    private static String warning(ToolboxPlan plan) {
        if (plan.offline() && plan.wheels().isEmpty()) {
            return Words.of("FirstRun.offline");
        }
        long free = plan.freeBytes().orElse(Long.MAX_VALUE);
        return free < plan.diskBytes() + plan.downloadBytes() ? Words.of("FirstRun.littleRoom") : "";
    }
}
