package io.lb4j.testing.child;

import io.lb4j.internal.util.Preload;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What code does that runs for the first time when the heap is exhausted: prints what came of each. */
public final class FirstTimesProgram {
    private static final int SEVERAL = 3;

    private static int told;
    private static int taken;
    private static String said = "nothing";

    private FirstTimesProgram() {}

    /** Loaded in advance. */
    private static final class Preloaded {
        private static String say() {
            return "what was never said before";
        }
    }

    public static void main(String[] arguments) {
        Preload.classes(Preloaded.class);
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Queue<Integer> queue = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < SEVERAL; i++) {
            var unused = result.handle((value, failure) -> told++);
            queue.add(i);
        }
        new Hunger(0, 0).starve(() -> {
            say();
            tell(result);
            take(queue);
            return true;
        });
        System.out.println(said + ", told " + told + ", taken " + taken);
    }

    private static void say() {
        try {
            said = Preloaded.say();
        } catch (OutOfMemoryError notEvenThat) {
            // As it is printed.
        }
    }

    private static void tell(CompletableFuture<Integer> result) {
        try {
            result.complete(0);
        } catch (OutOfMemoryError halfWay) {
            // As it is printed.
        }
    }

    private static void take(Queue<Integer> queue) {
        try {
            while (queue.poll() != null) {
                taken++;
            }
        } catch (OutOfMemoryError halfWay) {
            // As it is printed.
        }
    }
}
