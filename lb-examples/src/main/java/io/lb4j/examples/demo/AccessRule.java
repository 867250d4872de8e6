package io.lb4j.examples.demo;

import io.lb4j.access.Cidr;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The value of an {@code --allow} or a {@code --deny}, and where among all of them it stood. */
record AccessRule(List<Cidr> blocks, long order) {
    private static final AtomicLong READ = new AtomicLong();

    /** A block of addresses, or {@code all}. Values are read in the order in which they stand. */
    static AccessRule parse(String text) {
        List<Cidr> blocks =
                text.equals("all") ? List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0")) : List.of(Cidr.parse(text));
        return new AccessRule(blocks, READ.getAndIncrement());
    }
}
