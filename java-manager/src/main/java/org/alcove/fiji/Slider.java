package org.alcove.fiji;

import ij.gui.GenericDialog;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import org.alcove.Parameter;

/** A slider from one end of a parameter's range to the other. */
record Slider(double minimum, double maximum, double step) {
    private static final int MOST_STEPS = 10_000;
    private static final int USUAL_STEPS = 100;

    /** None where there is no range, null is allowed, or one pixel of the slider would be too many steps. */
    static Optional<Slider> of(Parameter parameter) {
        if (parameter.minimum().isEmpty() || parameter.maximum().isEmpty() || parameter.nullable()) {
            return Optional.empty();
        }
        BigDecimal minimum = decimal(parameter.minimum().get());
        BigDecimal maximum = decimal(parameter.maximum().get());
        BigDecimal length = maximum.subtract(minimum);
        if (length.signum() <= 0) {
            return Optional.empty();
        }
        boolean isWhole = parameter.type().equals("integer");
        BigDecimal wish = parameter.step().map(Slider::decimal).orElseGet(() -> isWhole ? BigDecimal.ONE : round(length));
        BigDecimal step = dividing(wish, minimum, maximum);
        boolean isReasonable = length.divide(step, 0, RoundingMode.UP).compareTo(BigDecimal.valueOf(MOST_STEPS)) <= 0
                && isSmall(minimum.divide(step, 0, RoundingMode.UP))
                && isSmall(maximum.divide(step, 0, RoundingMode.UP));
        return isReasonable
                ? Optional.of(new Slider(minimum.doubleValue(), maximum.doubleValue(), step.doubleValue()))
                : Optional.empty();
    }

    void add(GenericDialog dialog, String key, String text) {
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            value = minimum;
        }
        dialog.addSlider(key, minimum, maximum, value, step);
    }

    private static BigDecimal decimal(Number number) {
        return new BigDecimal(number.toString());
    }

    /** About a hundredth of the range, as 1, 2 or 5 of a power of ten. */
    private static BigDecimal round(BigDecimal length) {
        BigDecimal step = length.divide(BigDecimal.valueOf(USUAL_STEPS));
        BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen(step.precision() - step.scale() - 1);
        int digit = step.divide(power, 0, RoundingMode.FLOOR).intValue();
        return power.multiply(BigDecimal.valueOf(digit >= 5 ? 5 : digit >= 2 ? 2 : 1));
    }

    /** The step, or a smaller one that both ends are multiples of: ImageJ's sliders count in steps from 0. */
    private static BigDecimal dividing(BigDecimal step, BigDecimal minimum, BigDecimal maximum) {
        if (isMultiple(minimum, step) && isMultiple(maximum, step)) {
            return step;
        }
        int digits = Math.max(digits(step), Math.max(digits(minimum), digits(maximum)));
        return BigDecimal.ONE.scaleByPowerOfTen(-digits);
    }

    private static boolean isMultiple(BigDecimal value, BigDecimal step) {
        return value.remainder(step).signum() == 0;
    }

    private static int digits(BigDecimal value) {
        return value.signum() == 0 ? 0 : Math.max(0, value.stripTrailingZeros().scale());
    }

    private static boolean isSmall(BigDecimal steps) {
        return steps.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE / 2)) < 0;
    }
}
