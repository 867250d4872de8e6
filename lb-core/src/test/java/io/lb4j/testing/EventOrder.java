package io.lb4j.testing;

import io.lb4j.event.BackendSelected;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Whether every connection's events come in the order that is promised, and its summary says what they said. */
public final class EventOrder implements LoadBalancerListener {
    private enum Stage {
        ACCEPTED,
        SELECTED,
        FAILED,
        OPENED,
        HALF_CLOSED,
        REFUSED
    }

    private static final class Story {
        Stage stage = Stage.ACCEPTED;
        int attempts;
    }

    private final Map<Long, Story> stories = new ConcurrentHashMap<>();
    private final AtomicLong ended = new AtomicLong();
    private final Consumer<String> objection;

    /** @param objection is told what is out of order */
    public EventOrder(Consumer<String> objection) {
        this.objection = objection;
    }

    /** Connections whose story is over. */
    public long ended() {
        return ended.get();
    }

    /** Connections whose story goes on. */
    public int open() {
        return stories.size();
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        require(stories.put(event.id(), new Story()) == null, event, null);
    }

    @Override
    public void backendSelected(BackendSelected event) {
        Story story = story(event.id(), event);
        require(is(story, Stage.ACCEPTED, Stage.FAILED) && event.attempt() == ++story.attempts, event, story);
        story.stage = Stage.SELECTED;
    }

    @Override
    public void connectAttemptFailed(ConnectAttemptFailed event) {
        Story story = story(event.id(), event);
        require(is(story, Stage.SELECTED) && event.attempt() == story.attempts, event, story);
        story.stage = Stage.FAILED;
    }

    @Override
    public void connectionOpened(ConnectionOpened event) {
        Story story = story(event.id(), event);
        require(is(story, Stage.SELECTED) && event.attempts() == story.attempts, event, story);
        story.stage = Stage.OPENED;
    }

    @Override
    public void connectionHalfClosed(ConnectionHalfClosed event) {
        Story story = story(event.id(), event);
        require(is(story, Stage.OPENED), event, story);
        story.stage = Stage.HALF_CLOSED;
    }

    @Override
    public void connectionRefused(ConnectionRefused event) {
        Story story = story(event.id(), event);
        require(is(story, Stage.ACCEPTED) && event.reason().isRefusal(), event, story);
        story.stage = Stage.REFUSED;
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        Story story = story(summary.id(), summary);
        boolean opened = is(story, Stage.OPENED, Stage.HALF_CLOSED);
        require(opened == (summary.backend() != null), summary, story);
        require(is(story, Stage.REFUSED) == summary.reason().isRefusal(), summary, story);
        require(summary.attempts() == story.attempts, summary, story);
        stories.remove(summary.id());
        ended.incrementAndGet();
    }

    private Story story(long id, Object event) {
        Story story = stories.get(id);
        require(story != null, event, null);
        return story == null ? new Story() : story;
    }

    private static boolean is(Story story, Stage... stages) {
        for (Stage stage : stages) {
            if (story.stage == stage) {
                return true;
            }
        }
        return false;
    }

    private void require(boolean holds, Object event, Story story) {
        if (!holds) {
            objection.accept((story == null ? "no story" : story.stage + " after " + story.attempts + " attempts")
                    + ", then " + event);
        }
    }
}
