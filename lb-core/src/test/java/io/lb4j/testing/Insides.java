package io.lb4j.testing;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of an object of the library, of those it holds, and so on, one object a line: for finding out in what state
 * something is that does nothing any more. Reads without a lock, from any thread.
 */
public final class Insides {
    private static final int MOST = 3000;

    private final Map<Object, Integer> numbers = new IdentityHashMap<>();
    private final Deque<Object> toShow = new ArrayDeque<>();

    private Insides() {}

    public static List<String> of(Object root) {
        Insides insides = new Insides();
        List<String> lines = new ArrayList<>();
        insides.name(root);
        while (!insides.toShow.isEmpty() && lines.size() < MOST) {
            Object next = insides.toShow.remove();
            lines.add(insides.name(next) + ": " + insides.fields(next));
        }
        return lines;
    }

    /** How many bytes a balancer or a proxy counts as held: sent by one side, and not taken by the other. */
    public static long bytesHeld(Object root) {
        List<Long> budgets = of(root).stream()
                .filter(line -> line.startsWith("BufferBudget#"))
                .map(line -> Long.valueOf(line.replaceAll(".* used=(-?\\d+) .*", "$1")))
                .toList();
        if (budgets.size() != 1) {
            throw new IllegalStateException("budgets: " + budgets + " (expected: one)");
        }
        return budgets.get(0);
    }

    private String name(Object object) {
        Integer number = numbers.get(object);
        if (number == null) {
            number = numbers.size();
            numbers.put(object, number);
            toShow.add(object);
        }
        String name = object.getClass().getName();
        return name.substring(name.lastIndexOf('.') + 1).replaceAll("/0x.*", "") + "#" + number;
    }

    private String fields(Object object) {
        StringBuilder line = new StringBuilder();
        for (Class<?> type = object.getClass(); type != null && isOurs(type); type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    line.append(field.getName())
                            .append('=')
                            .append(value(field, object))
                            .append(' ');
                }
            }
        }
        return line.toString();
    }

    private String value(Field field, Object object) {
        try {
            field.setAccessible(true);
            return show(field.get(object));
        } catch (Exception notToBeRead) {
            return "?";
        }
    }

    private String show(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof SelectionKey key) {
            return key.isValid() ? "key(interest " + key.interestOps() + ")" : "key(cancelled)";
        }
        if (value instanceof Collection<?> many) {
            return many.stream().map(this::show).toList().toString();
        }
        if (value instanceof Map<?, ?> map) {
            return show(new ArrayList<>(map.keySet())) + "->" + show(new ArrayList<>(map.values()));
        }
        if (value.getClass().isArray()) {
            return array(value);
        }
        if (value.getClass().isEnum() || !isOurs(value.getClass())) {
            String text = value.toString();
            return text.length() > 120 ? text.substring(0, 120) + "..." : text;
        }
        return name(value);
    }

    private String array(Object array) {
        int length = Array.getLength(array);
        if (array.getClass().getComponentType().isPrimitive() || length > 100) {
            return array.getClass().getComponentType().getSimpleName() + "[" + length + "]";
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            parts.add(show(Array.get(array, i)));
        }
        return parts.toString();
    }

    private static boolean isOurs(Class<?> type) {
        return type.getName().startsWith("io.lb4j.");
    }
}
