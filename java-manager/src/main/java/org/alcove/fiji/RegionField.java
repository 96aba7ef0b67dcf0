package org.alcove.fiji;

import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.ImageRoi;
import ij.gui.Line;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.gui.TextRoi;
import ij.measure.ResultsTable;
import ij.plugin.frame.RoiManager;
import java.awt.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.alcove.Parameter;

/** Points, vectors, tracks, shapes or a table: from the selection of the active image, the ROI Manager, or a table. */
final class RegionField extends Field {
    private static final Set<String> OF_REGIONS = Set.of("points", "vectors", "shapes");
    private static final Set<String> OF_TABLES = Set.of("points", "vectors", "tracks", "table");

    private final Parameter parameter;
    private final String what;
    private final String title;
    private final Map<String, Object> sources = new LinkedHashMap<>();

    RegionField(String key, Parameter parameter, OpenImages images, String title) {
        super(key, label(parameter));
        this.parameter = parameter;
        this.title = title;
        this.what = parameter.role().orElse(parameter.type());
        if (OF_REGIONS.contains(what)) {
            Optional<Roi> selection = images.active().map(ImagePlus::getRoi).filter(this::isOne);
            selection.ifPresent(roi -> sources.put(ShowAs.SELECTION, roi.clone()));
            List<Roi> managed = managed();
            if (!managed.isEmpty()) {
                sources.put(ShowAs.ROI_MANAGER, managed);
            }
        }
        if (OF_TABLES.contains(what)) {
            addTables();
        }
    }

    /** Whether a parameter is one for this kind of field. */
    static boolean isFor(Parameter parameter) {
        String what = parameter.role().orElse(parameter.type());
        return OF_REGIONS.contains(what) || OF_TABLES.contains(what);
    }

    private boolean isOne(Roi roi) {
        return switch (what) {
            case "points" -> roi instanceof PointRoi;
            case "vectors" -> roi instanceof Line;
            default -> !(roi instanceof PointRoi || roi instanceof TextRoi || roi instanceof ImageRoi);
        };
    }

    private List<Roi> managed() {
        RoiManager manager = RoiManager.getInstance2();
        return manager == null ? List.of() : Arrays.stream(manager.getRoisAsArray()).filter(this::isOne).toList();
    }

    private void addTables() {
        for (String name : Optional.ofNullable(WindowManager.getNonImageTitles()).orElse(new String[0])) {
            ResultsTable table = ResultsTable.getResultsTable(name);
            if (table != null) {
                sources.put(name, table);
            }
        }
        // In batch mode it has no window.
        ResultsTable results = ResultsTable.getResultsTable();
        if (results != null && results.size() > 0) {
            sources.putIfAbsent("Results", results);
        }
    }

    /**
     * Refuses a command for which there is nothing to take.
     *
     * @throws org.alcove.AlcoveException with where it can be taken from
     */
    void requireSource() {
        if (sources.isEmpty() && !parameter.nullable()) {
            String hint = switch (what) {
                case "points" -> Words.of("RegionField.pointsHint");
                case "vectors" -> Words.of("RegionField.vectorsHint");
                case "shapes" -> Words.of("RegionField.shapesHint");
                default -> Words.of("RegionField.tableHint");
            };
            throw Refusal.of(Words.of("RegionField.none", title, label()), hint);
        }
    }

    @Override
    String initial() {
        return parameter.nullable() || sources.isEmpty()
                ? ChoiceField.NONE
                : sources.keySet().iterator().next();
    }

    @Override
    String unmentioned() {
        requireSource();
        return initial();
    }

    @Override
    Object parse(String text) {
        if (isNone(parameter, text)) {
            return null;
        }
        return sources.entrySet().stream()
                .filter(source -> source.getKey().equalsIgnoreCase(text))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> Refusal.of(
                        Words.of("RegionField.unknown", label(), text),
                        Words.of("ChoiceField.known", String.join(", ", sources.keySet()))));
    }

    @Override
    boolean isRemembered() {
        return false;
    }

    @Override
    Supplier<String> add(GenericDialog dialog, String text) {
        dialog.addChoice(key(), names(), text);
        dialog.getLabel().setText(caption());
        Choice choice = (Choice) dialog.getChoices().lastElement();
        choice.setName(key());
        return choice::getSelectedItem;
    }

    private String[] names() {
        List<String> names = new ArrayList<>(sources.keySet());
        if (parameter.nullable()) {
            names.add(0, ChoiceField.NONE);
        }
        return names.toArray(String[]::new);
    }
}
