package io.lb4j.access;

/** What becomes of clients from one block of addresses. */
record Rule(boolean allows, Cidr block) {
    /** As it stands in a file. */
    @Override
    public String toString() {
        return (allows ? "allow " : "deny ") + block;
    }
}
