package io.lb4j.selection;

/** A list that counts how often it is looked into. */
final class CountedCandidates implements Candidates {
    private final Candidates list;
    int looks;

    CountedCandidates(Candidates list) {
        this.list = list;
    }

    @Override
    public int size() {
        return list.size();
    }

    @Override
    public Candidate get(int index) {
        looks++;
        return list.get(index);
    }

    @Override
    public long version() {
        return list.version();
    }

    @Override
    public int weight(int index) {
        looks++;
        return list.weight(index);
    }

    @Override
    public boolean haveEqualWeights() {
        return list.haveEqualWeights();
    }

    @Override
    public long totalWeight() {
        return list.totalWeight();
    }

    @Override
    public long weightBefore(int index) {
        looks++;
        return list.weightBefore(index);
    }

    @Override
    public int indexAt(long point) {
        looks++;
        return list.indexAt(point);
    }
}
