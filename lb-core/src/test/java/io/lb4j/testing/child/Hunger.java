package io.lb4j.testing.child;

import java.io.FileInputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Takes everything there is of the heap, of direct memory or of descriptors, holds it for a while and gives it back. What
 * becomes free meanwhile it takes as well; now and then it gives back a little for a moment, so that others get a step
 * further before they fail. Works without a byte of heap. Not thread-safe.
 */
final class Hunger {
    /*
     * Each size costs one failed allocation, and so one full collection. The last are the crumbs that are left in a
     * thread's own part of the heap.
     */
    private static final int[] SIZES = {1 << 20, 1 << 15, 1 << 10};
    private static final int MOST_RETURNED = 200;
    private static final int MOST_IN_VAIN = 20;

    private final byte[][] bulk = new byte[100_000][];
    private final FileInputStream[] files = new FileInputStream[10_000];
    private final ByteBuffer[] direct = new ByteBuffer[10_000];
    private final BufferPoolMXBean directPool = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    private final long mostDirect;
    private final SplittableRandom chance;
    private Object[] crumbs;
    private int inBulk;
    private int inFiles;
    private int inDirect;

    /** @param mostDirect how much direct memory the JVM allows */
    Hunger(long mostDirect, long seed) {
        this.mostDirect = mostDirect;
        chance = new SplittableRandom(seed);
    }

    /** How much direct memory is in use. */
    long directUsed() {
        return directPool.getMemoryUsed();
    }

    /** Takes and holds it for this long; what is one of {@code heap}, {@code direct}, {@code descriptors}, {@code all}. */
    String feel(String what, long millis) {
        boolean all = what.equals("all");
        boolean ofHeap = all || what.equals("heap");
        boolean ofDirect = all || what.equals("direct");
        boolean ofFiles = all || what.equals("descriptors");
        // In this order: who is handed a descriptor or direct memory by the JDK and cannot own it for want of heap
        // loses it for ever.
        if (ofFiles) {
            takeFiles();
        }
        if (ofDirect) {
            takeDirect();
        }
        if (ofHeap) {
            takeHeap(0);
        }
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(chance.nextInt(3_000_000));
            if (ofHeap) {
                returnCrumbs();
                takeHeap(SIZES.length - 1);
            } else if (ofFiles) {
                returnFiles(chance.nextInt(4));
                LockSupport.parkNanos(chance.nextInt(3_000_000));
                takeFiles();
            } else {
                takeDirect();
            }
        }
        int most = inFiles;
        free();
        return what + " " + most + " files";
    }

    /** Takes all of the heap, and what of it becomes free meanwhile, until this says so; which must do with none. */
    void starve(BooleanSupplier isEnough) {
        // For the first time while there is some.
        LockSupport.parkNanos(1);
        takeHeap(0);
        for (int vain = 0; vain < MOST_IN_VAIN; vain = takeHeap(SIZES.length - 1) ? 0 : vain + 1) {
            // What the collector has taken from references is free some time later.
            LockSupport.parkNanos(1_000_000);
        }
        while (!isEnough.getAsBoolean()) {
            takeHeap(SIZES.length - 1);
        }
        free();
    }

    /** Returns whether there was any. */
    private boolean takeHeap(int from) {
        Object[] before = crumbs;
        for (int i = from; i < SIZES.length; i++) {
            try {
                while (inBulk < bulk.length) {
                    byte[] taken = new byte[SIZES[i]];
                    bulk[inBulk] = taken;
                    inBulk++;
                }
            } catch (OutOfMemoryError noneOfThisSize) {
                // On to the next smaller one.
            }
        }
        try {
            while (true) {
                Object[] crumb = new Object[1];
                crumb[0] = crumbs;
                crumbs = crumb;
            }
        } catch (OutOfMemoryError nothingAtAll) {
            // That was the last one.
        }
        return crumbs != before;
    }

    private void returnCrumbs() {
        if (chance.nextInt(3) == 0) {
            for (int i = chance.nextInt(MOST_RETURNED); i > 0 && crumbs != null; i--) {
                crumbs = (Object[]) crumbs[0];
            }
            // One more moment for the others.
            Thread.yield();
        }
    }

    private void takeFiles() {
        try {
            while (inFiles < files.length) {
                files[inFiles] = new FileInputStream("/dev/null");
                inFiles++;
            }
        } catch (IOException none) {
            // That was the last one.
        }
    }

    private void returnFiles(int count) {
        for (int i = 0; i < count && inFiles > 0; i++) {
            inFiles--;
            try {
                files[inFiles].close();
            } catch (IOException ignored) {
                // The descriptor is released whatever close reports.
            }
            files[inFiles] = null;
        }
    }

    /** Exactly what is left: the JDK takes half a second to find out that there is not as much as it is asked for. */
    private void takeDirect() {
        for (long left = mostDirect - directUsed(); left > 0; left = mostDirect - directUsed()) {
            try {
                direct[inDirect] = ByteBuffer.allocateDirect((int) left);
                inDirect++;
            } catch (OutOfMemoryError takenByOthers) {
                return;
            }
        }
    }

    private void free() {
        crumbs = null;
        for (; inBulk > 0; inBulk--) {
            bulk[inBulk - 1] = null;
        }
        boolean hadDirect = inDirect > 0;
        for (; inDirect > 0; inDirect--) {
            direct[inDirect - 1] = null;
        }
        returnFiles(inFiles);
        if (hadDirect) {
            // Direct memory comes back when its buffers are collected, and not before.
            System.gc();
        }
    }
}
