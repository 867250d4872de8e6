package io.lb4j.admin;

/** An answer to a request that is wrong. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;

    Refusal(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }
}
