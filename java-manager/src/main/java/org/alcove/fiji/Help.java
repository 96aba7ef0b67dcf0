package org.alcove.fiji;

import java.util.List;
import org.alcove.Op;
import org.alcove.Parameter;

/** What the help button of a dialog shows: the author's docstring, as HTML. */
final class Help {
    private Help() {}

    static String html(Op op) {
        StringBuilder html = new StringBuilder("<html><h1>").append(escaped(op.title())).append("</h1>");
        for (String paragraph : op.description().split("\\n\\s*\\n")) {
            if (!paragraph.isBlank()) {
                html.append("<p>").append(escaped(paragraph.strip())).append("</p>");
            }
        }
        list(html, Words.of("Help.inputs"), op.inputs());
        list(html, Words.of("Help.outputs"), op.outputs());
        op.file().ifPresent(file -> html.append("<p><small>").append(escaped(Words.of("Help.file", file))).append("</small></p>"));
        return html.append("</html>").toString();
    }

    private static void list(StringBuilder html, String heading, List<Parameter> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        html.append("<h2>").append(escaped(heading)).append("</h2><dl>");
        for (Parameter parameter : parameters) {
            html.append("<dt><b>").append(escaped(Field.label(parameter))).append("</b></dt><dd>");
            parameter.description().ifPresent(text -> html.append(escaped(text)).append("<br>"));
            html.append("<small>").append(escaped(facts(parameter))).append("</small></dd>");
        }
        html.append("</dl>");
    }

    private static String facts(Parameter parameter) {
        return parameter.descriptor().containsKey("required")
                ? Words.of("Help.key", parameter.name(), parameter.summary())
                : parameter.summary();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
