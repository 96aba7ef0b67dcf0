package org.alcove.fiji;

import ij.measure.Calibration;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Optional;
import org.alcove.Axis;

/** ImageJ's calibration, and axes with unit, scale and translation. */
final class Calibrations {
    /** Enough to tell any two doubles apart. */
    private static final int DIGITS_OF_A_DOUBLE = 17;

    private Calibrations() {}

    /** The axis of an image that has this calibration. */
    static Axis axis(String name, Calibration calibration) {
        return switch (name) {
            case "x" -> space(name, calibration.getXUnit(), calibration.pixelWidth, calibration.xOrigin);
            case "y" -> space(name, calibration.getYUnit(), calibration.pixelHeight, calibration.yOrigin);
            case "z" -> space(name, calibration.getZUnit(), calibration.pixelDepth, calibration.zOrigin);
            case "t" -> time(calibration);
            default -> new Axis(name, "channel", null, 1, 0);
        };
    }

    private static Axis space(String name, String unit, double step, double origin) {
        double scale = isFinite(step) && step != 0 ? step : 1;
        // ImageJ's origin is the pixel at which the calibrated coordinate is 0. Without one, 0 rather than -0.
        double translation = isFinite(origin) && origin != 0 ? -origin * scale : 0;
        return new Axis(name, "space", Units.name(unit), scale, isFinite(translation) ? translation : 0);
    }

    private static Axis time(Calibration calibration) {
        double interval = calibration.frameInterval;
        boolean isKnown = isFinite(interval) && interval > 0;
        return new Axis("t", "time", isKnown ? Units.name(calibration.getTimeUnit()) : null, isKnown ? interval : 1, 0);
    }

    /** Calibrates as the axes say; what belongs to an axis that is not among them stays. */
    static void calibrate(Calibration calibration, Layout layout) {
        Optional<Axis> x = layout.axis("x");
        Optional<Axis> y = layout.axis("y");
        Optional<Axis> z = layout.axis("z");
        x.ifPresent(axis -> {
            calibration.setUnit(unit(axis, "pixel"));
            calibration.pixelWidth = step(axis);
            calibration.xOrigin = origin(axis);
        });
        y.ifPresent(axis -> {
            calibration.setYUnit(otherUnit(axis, calibration));
            calibration.pixelHeight = step(axis);
            calibration.yOrigin = origin(axis);
        });
        z.ifPresent(axis -> {
            calibration.setZUnit(otherUnit(axis, calibration));
            calibration.pixelDepth = step(axis);
            calibration.zOrigin = origin(axis);
        });
        layout.axis("t").ifPresent(axis -> {
            boolean isKnown = axis.unit() != null || axis.scale() != 1;
            calibration.frameInterval = isKnown ? axis.scale() : 0;
            calibration.setTimeUnit(unit(axis, isKnown ? "frame" : "sec"));
        });
    }

    /** ImageJ divides by it. */
    private static double step(Axis axis) {
        return axis.scale() == 0 ? 1 : axis.scale();
    }

    private static String unit(Axis axis, String without) {
        return axis.unit() == null ? without : Units.symbol(axis.unit());
    }

    /** ImageJ knows the unit of y and z where it is not that of x, and null where it is. */
    private static String otherUnit(Axis axis, Calibration calibration) {
        String unit = unit(axis, "pixel");
        return unit.equals(calibration.getUnit()) ? null : unit;
    }

    /**
     * The origin that gives this axis' translation: of the few doubles that do, the one with the fewest digits, which is
     * what somebody has typed.
     */
    static double origin(Axis axis) {
        double quotient = -axis.translation() / axis.scale();
        if (quotient == 0 || !isFinite(quotient)) {
            return 0;
        }
        BigDecimal exact = new BigDecimal(quotient);
        for (int digits = 1; digits <= DIGITS_OF_A_DOUBLE; digits++) {
            double candidate = exact.round(new MathContext(digits)).doubleValue();
            if (-candidate * axis.scale() == axis.translation()) {
                return candidate;
            }
        }
        return quotient;
    }

    private static boolean isFinite(double number) {
        return Double.isFinite(number);
    }
}
