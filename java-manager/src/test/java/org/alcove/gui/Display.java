package org.alcove.gui;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.awt.GraphicsEnvironment;
import org.assertj.swing.core.BasicRobot;
import org.assertj.swing.core.Robot;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A robot for a test with windows; all windows are gone after it. The test is skipped where there is no display. */
final class Display implements BeforeEachCallback, AfterEachCallback {
    private Robot robot;

    @Override
    public void beforeEach(ExtensionContext context) {
        assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
        robot = BasicRobot.robotWithNewAwtHierarchy();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (robot != null) {
            robot.cleanUp();
        }
    }

    Robot robot() {
        return robot;
    }
}
