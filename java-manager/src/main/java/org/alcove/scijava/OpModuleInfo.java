package org.alcove.scijava;

import java.util.List;
import java.util.Map;
import org.alcove.Parameter;
import org.alcove.catalog.OpEntry;
import org.scijava.MenuEntry;
import org.scijava.MenuPath;
import org.scijava.UIDetails;
import org.scijava.module.AbstractModuleInfo;
import org.scijava.module.Module;

/** An op as a module that can be found. What it takes is known once the op file was described. */
final class OpModuleInfo extends AbstractModuleInfo {
    private static final String PLUGINS = "Plugins";

    private final AlcoveService service;
    private final OpEntry entry;

    OpModuleInfo(AlcoveService service, OpEntry entry) {
        this.service = service;
        this.entry = entry;
        setName(entry.op());
        setLabel(entry.title());
        entry.descriptor().ifPresent(descriptor -> setDescription(String.valueOf(descriptor.get("description"))));
        setMenuRoot(UIDetails.APPLICATION_MENU_ROOT);
        setMenuPath(path(entry));
    }

    OpEntry entry() {
        return entry;
    }

    private static MenuPath path(OpEntry entry) {
        MenuPath path = new MenuPath();
        if (entry.menu().isEmpty() || !entry.menu().get(0).equals(PLUGINS)) {
            path.add(new MenuEntry(PLUGINS));
            path.add(new MenuEntry("Alcove"));
        }
        entry.menu().forEach(level -> path.add(new MenuEntry(level)));
        path.add(new MenuEntry(entry.title()));
        return path;
    }

    @Override
    protected void parseParameters() {
        for (Parameter input : parameters("inputs")) {
            if (!input.direction().orElse("").equals("out")) {
                registerInput(Items.input(this, input, service.exchange()));
            }
            if (input.direction().isPresent()) {
                registerOutput(Items.output(this, input, service.exchange()));
            }
        }
        parameters("outputs").forEach(output -> registerOutput(Items.output(this, output, service.exchange())));
    }

    private List<Parameter> parameters(String member) {
        return entry.descriptor().map(descriptor -> descriptor.get(member)).stream()
                .filter(List.class::isInstance)
                .flatMap(list -> ((List<?>) list).stream())
                .map(OpModuleInfo::parameter)
                .toList();
    }

    /** A descriptor's members have names. */
    @SuppressWarnings("unchecked")
    private static Parameter parameter(Object members) {
        return new Parameter((Map<String, Object>) members);
    }

    @Override
    public String getDelegateClassName() {
        return OpModule.class.getName();
    }

    @Override
    public Class<?> loadDelegateClass() {
        return OpModule.class;
    }

    @Override
    public Module createModule() {
        return new OpModule(service, this);
    }

    @Override
    public boolean canCancel() {
        return true;
    }

    @Override
    public boolean canRunHeadless() {
        return true;
    }

    @Override
    public String getIdentifier() {
        return "alcove:" + entry.file() + ":" + entry.op();
    }

    @Override
    public String getLocation() {
        return entry.file().toUri().toString();
    }
}
