package org.alcove;

/**
 * A complex number, as an op takes or returns one.
 *
 * @param real the real part
 * @param imag the imaginary part, by Python's name
 */
public record Complex(double real, double imag) {}
