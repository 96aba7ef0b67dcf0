package org.alcove.gui;

import java.awt.BorderLayout;
import java.awt.CardLayout;
import java.awt.GridBagLayout;
import java.awt.event.ActionEvent;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.swing.AbstractAction;
import javax.swing.Action;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.BoxLayout;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.JMenu;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.JScrollPane;
import javax.swing.JSplitPane;
import javax.swing.JTable;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import javax.swing.JToolBar;
import javax.swing.KeyStroke;
import javax.swing.RowFilter;
import javax.swing.table.TableRowSorter;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentInfo;
import org.alcove.Environments;

/** The environments of this machine: a list, everything about the one that is selected, and what can be done with it. */
final class EnvironmentsPage implements Page, EnvironmentActions.View {
    private static final String LIST = "list";
    private static final String WORD = "word";
    private static final int FILTER_COLUMNS = 16;

    private final JFrame owner;
    private final Alcove alcove;
    private final Environments environments;
    private final Background lookups = new Background("alcove-gui-environments");
    private final EnvironmentTableModel model = new EnvironmentTableModel();
    private final JTable table = EnvironmentCells.table(model);
    private final TableRowSorter<EnvironmentTableModel> sorter = EnvironmentCells.sorter(model);
    private final JTextField filter = new JTextField(FILTER_COLUMNS);
    private final EnvironmentDetails details;
    private final EnvironmentActions actions;
    private final CardLayout cards = new CardLayout();
    private final JPanel listOrWord = new JPanel(cards);
    private final JTextArea word = Labels.paragraph("", 48);
    private final JButton way;
    private final JPanel all = new JPanel(new BorderLayout());
    private Runnable wayOut = () -> {};
    private List<String> wanted = List.of();
    private boolean isShowing;
    private boolean wasRead;

    EnvironmentsPage(JFrame owner, Alcove alcove, Jobs jobs) {
        this.owner = owner;
        this.alcove = alcove;
        this.environments = alcove.environments();
        this.details = new EnvironmentDetails(environments, lookups);
        this.actions = new EnvironmentActions(owner, alcove, jobs, lookups, this);
        this.way = new JButton();
        way.addActionListener(event -> wayOut.run());
        arrange();
        listen();
        jobs.onEnd(job -> refresh());
        say(Words.of("EnvironmentsPage.looking"), "", () -> {});
    }

    @Override
    public String title() {
        return Words.of("EnvironmentsPage.title");
    }

    @Override
    public JComponent component() {
        return all;
    }

    @Override
    public void shown() {
        isShowing = true;
        actions.enable(true);
        refresh();
    }

    @Override
    public void hidden() {
        isShowing = false;
        actions.enable(false);
    }

    @Override
    public void close() {
        lookups.close();
        actions.close();
    }

    @Override
    public List<EnvironmentInfo> selected() {
        return Arrays.stream(table.getSelectedRows())
                .map(table::convertRowIndexToModel)
                .mapToObj(model::at)
                .toList();
    }

    @Override
    public List<EnvironmentInfo> all() {
        return model.all();
    }

    @Override
    public void select(String name) {
        wanted = List.of(name);
    }

    /** The menu of what can be done. */
    JMenu menu() {
        JMenu menu = Labels.menu(Words.of("EnvironmentsPage.menu"));
        for (Action action : order()) {
            if (action == null) {
                menu.addSeparator();
            } else {
                menu.add(action);
            }
        }
        return menu;
    }

    /** All actions, null where a line is between them. */
    private List<Action> order() {
        return Arrays.asList(
                actions.create, actions.unpack, null,
                actions.update, actions.updateFrom, actions.rename, actions.remove, null,
                actions.verify, actions.repair, null,
                actions.lock, actions.export, actions.pack, null,
                actions.clean);
    }

    private void arrange() {
        table.setRowSorter(sorter);
        JSplitPane split = new JSplitPane(JSplitPane.VERTICAL_SPLIT, new JScrollPane(table), details);
        split.setResizeWeight(0.55);
        split.setBorder(BorderFactory.createEmptyBorder());
        listOrWord.add(split, LIST);
        listOrWord.add(wordPanel(), WORD);
        all.add(toolBar(), BorderLayout.NORTH);
        all.add(listOrWord, BorderLayout.CENTER);
    }

    private JToolBar toolBar() {
        JToolBar bar = new JToolBar();
        bar.setFloatable(false);
        bar.setBorder(BorderFactory.createEmptyBorder(6, 8, 6, 8));
        for (Action action : List.of(
                actions.create, actions.update, actions.verify, actions.remove, actions.clean)) {
            JButton button = bar.add(action);
            button.setHideActionText(false);
            button.setFocusable(true);
            bar.add(Box.createHorizontalStrut(4));
        }
        bar.add(Box.createHorizontalGlue());
        bar.add(Labels.label(Words.of("EnvironmentsPage.filter"), filter));
        bar.add(Box.createHorizontalStrut(6));
        filter.setName("filter");
        filter.setMaximumSize(filter.getPreferredSize());
        bar.add(filter);
        return bar;
    }

    /** What stands in place of a list where there is none. */
    private JPanel wordPanel() {
        JPanel column = new JPanel();
        column.setLayout(new BoxLayout(column, BoxLayout.PAGE_AXIS));
        word.setName("word");
        word.setAlignmentX(0.5f);
        way.setAlignmentX(0.5f);
        way.setName("way");
        column.add(word);
        column.add(Box.createVerticalStrut(12));
        column.add(way);
        JPanel middle = new JPanel(new GridBagLayout());
        middle.add(column);
        return middle;
    }

    private void listen() {
        table.getSelectionModel().addListSelectionListener(event -> {
            if (!event.getValueIsAdjusting()) {
                showSelected();
            }
        });
        PathField.onChange(filter, this::filter);
        JPopupMenu popup = menu().getPopupMenu();
        table.setComponentPopupMenu(popup);
        table.addMouseListener(new MouseAdapter() {
            @Override
            public void mousePressed(MouseEvent event) {
                int row = table.rowAtPoint(event.getPoint());
                // A right click means the row under it, as everywhere.
                if (event.getButton() == MouseEvent.BUTTON3 && row >= 0 && !table.isRowSelected(row)) {
                    table.setRowSelectionInterval(row, row);
                }
            }
        });
        key("DELETE", actions.remove);
        key("F2", actions.rename);
        filter.registerKeyboardAction(
                event -> filter.setText(""), KeyStroke.getKeyStroke("ESCAPE"), JComponent.WHEN_FOCUSED);
    }

    /** The table has keys of its own, F2 among them, which would come before those of the menu. */
    private void key(String key, Action action) {
        table.getInputMap(JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT).put(KeyStroke.getKeyStroke(key), key);
        table.getActionMap().put(key, new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent event) {
                if (action.isEnabled()) {
                    action.actionPerformed(event);
                }
            }
        });
    }

    private void filter() {
        String wantedText = filter.getText().strip().toLowerCase(Locale.ROOT);
        sorter.setRowFilter(wantedText.isEmpty() ? null : new RowFilter<>() {
            @Override
            public boolean include(Entry<? extends EnvironmentTableModel, ? extends Integer> entry) {
                EnvironmentInfo row = model.at(entry.getIdentifier());
                return String.join(" ", row.name(), row.engine(), row.pythonVersion(), EnvironmentCells.state(row),
                                row.source().map(String::valueOf).orElse(""))
                        .toLowerCase(Locale.ROOT)
                        .contains(wantedText);
            }
        });
    }

    private void showSelected() {
        List<EnvironmentInfo> selected = selected();
        actions.enable(isShowing);
        if (selected.size() == 1) {
            details.show(selected.get(0));
        } else {
            details.show(selected.size());
        }
    }

    /** Reads the list anew. */
    private void refresh() {
        lookups.ask(this::read, this::show, this::failed);
    }

    /** What there is; empty where the toolbox is missing, which alone can tell. */
    private Optional<List<EnvironmentInfo>> read() {
        boolean isSomething = Files.isDirectory(environments.directory());
        return alcove.isPrepared() ? Optional.of(environments.list())
                : isSomething ? Optional.empty() : Optional.of(List.of());
    }

    private void show(Optional<List<EnvironmentInfo>> known) {
        if (known.isEmpty()) {
            say(Words.of("EnvironmentsPage.unprepared"), Words.of("EnvironmentsPage.prepare"), this::prepare);
            return;
        }
        if (known.get().isEmpty()) {
            model.show(List.of());
            say(Words.of("EnvironmentsPage.none", environments.directory()), Words.of("EnvironmentsPage.create"),
                    () -> actions.create.actionPerformed(null));
            return;
        }
        List<String> chosen = wanted.isEmpty() ? selected().stream().map(EnvironmentInfo::name).toList() : wanted;
        wanted = List.of();
        boolean isFirst = !wasRead;
        wasRead = true;
        model.show(known.get());
        cards.show(listOrWord, LIST);
        selectAgain(chosen);
        if (isFirst && chosen.isEmpty() && table.getRowCount() > 0) {
            table.setRowSelectionInterval(0, 0);
        }
        if (isFirst && isShowing) {
            table.requestFocusInWindow();
        }
    }

    private void selectAgain(List<String> names) {
        for (int row = 0; row < table.getRowCount(); row++) {
            EnvironmentInfo environment = model.at(table.convertRowIndexToModel(row));
            if (names.contains(environment.name()) && environment.isCurrent() && !table.isRowSelected(row)) {
                table.addRowSelectionInterval(row, row);
                table.scrollRectToVisible(table.getCellRect(row, 0, true));
            }
        }
    }

    private void failed(AlcoveException failure) {
        say(failure.getMessage(), Words.of("EnvironmentsPage.again"), this::refresh);
        FailureWindow.show(owner, failure, null, null);
    }

    private void prepare() {
        lookups.ask(() -> FirstRun.prepare(owner, alcove), isPrepared -> refresh(), this::failed);
    }

    private void say(String text, String button, Runnable action) {
        word.setText(text);
        way.setVisible(!button.isEmpty());
        Labels.named(way, button);
        wayOut = action;
        cards.show(listOrWord, WORD);
    }
}
