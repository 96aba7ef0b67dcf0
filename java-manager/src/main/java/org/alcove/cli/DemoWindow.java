package org.alcove.cli;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.awt.image.BufferedImage;
import java.lang.reflect.InvocationTargetException;
import javax.swing.BorderFactory;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.SwingUtilities;
import javax.swing.WindowConstants;

/** A window with the newest frame, and the counts below it. */
final class DemoWindow implements DemoViewer {
    private volatile BufferedImage picture;
    private volatile String counts = "waiting";
    private volatile boolean open = true;
    private JFrame frame;
    private JLabel label;

    DemoWindow(String name) {
        onScreen(() -> build(name));
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void show(DemoFrame shown, DemoTally tally) {
        BufferedImage next = DemoPictures.of(shown);
        String text = next.getWidth() + " x " + next.getHeight() + "   " + tally;
        picture = next;
        counts = text;
        // Several of these become one: the screen shows what is newest when it gets there.
        frame.repaint();
    }

    @Override
    public void close() {
        onScreen(frame::dispose);
    }

    private void build(String name) {
        JPanel canvas = new JPanel() {
            @Override
            protected void paintComponent(Graphics graphics) {
                super.paintComponent(graphics);
                label.setText(counts);
                BufferedImage now = picture;
                if (now != null) {
                    graphics.drawImage(now, (getWidth() - now.getWidth()) / 2, (getHeight() - now.getHeight()) / 2, null);
                }
            }
        };
        canvas.setBackground(Color.BLACK);
        canvas.setPreferredSize(new Dimension(640, 560));
        label = new JLabel(counts);
        label.setBorder(BorderFactory.createEmptyBorder(4, 8, 4, 8));
        frame = new JFrame(name + " - Alcove, Java");
        frame.setDefaultCloseOperation(WindowConstants.DISPOSE_ON_CLOSE);
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosed(WindowEvent event) {
                open = false;
            }
        });
        frame.add(canvas, BorderLayout.CENTER);
        frame.add(label, BorderLayout.SOUTH);
        frame.pack();
        frame.setVisible(true);
    }

    private static void onScreen(Runnable action) {
        try {
            SwingUtilities.invokeAndWait(action);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw (Error) e.getCause();
        }
    }
}
