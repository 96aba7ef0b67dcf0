package org.alcove.batch;

import java.util.Comparator;

/** The order in which people count: {@code A2} before {@code A10}. Texts that differ are never equal in it. */
final class NaturalOrder implements Comparator<String> {
    static final NaturalOrder INSTANCE = new NaturalOrder();

    private NaturalOrder() {}

    @Override
    public int compare(String first, String second) {
        int i = 0;
        int j = 0;
        while (i < first.length() && j < second.length()) {
            int order;
            if (isDigit(first.charAt(i)) && isDigit(second.charAt(j))) {
                int endOfFirst = endOfDigits(first, i);
                int endOfSecond = endOfDigits(second, j);
                order = compareNumbers(first.substring(i, endOfFirst), second.substring(j, endOfSecond));
                i = endOfFirst;
                j = endOfSecond;
            } else {
                order = Character.compare(rank(first.charAt(i++)), rank(second.charAt(j++)));
            }
            if (order != 0) {
                return order;
            }
        }
        int order = Integer.compare(first.length() - i, second.length() - j);
        return order != 0 ? order : first.compareTo(second); // 01 and 1, say
    }

    /** What is in a folder comes before what stands beside the folder and has a longer name. */
    private static char rank(char character) {
        return character == '/' ? 0 : character;
    }

    private static int compareNumbers(String first, String second) {
        String a = first.replaceFirst("^0+", "");
        String b = second.replaceFirst("^0+", "");
        return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static int endOfDigits(String text, int start) {
        int end = start;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }
}
