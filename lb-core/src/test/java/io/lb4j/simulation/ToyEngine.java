package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One end of a toy TLS. To its user it behaves as one of the JDK, result by result; {@code ToyEngineTest} asks both. It is
 * stricter in one thing: whoever touches it while a task that he has taken is not finished gets an
 * IllegalStateException, where the JDK's does nothing or stops his thread until the task is done.
 */
final class ToyEngine extends ToySetup {
    private final ToyOutput output = new ToyOutput();
    private final ToyTasks tasks;
    private final ToyInput input = new ToyInput(this);
    private final ToyAgreement agreement;
    private final ToyHandshake handshake;
    private boolean negotiated;
    private @Nullable SSLException closeReason;

    ToyEngine(ToyTls tls, SplittableRandom random, @Nullable String host, int port) {
        super(host, port);
        tasks = new ToyTasks(tls.reckoning());
        agreement = new ToyAgreement(this, tls, random);
        handshake = new ToyHandshake(this, agreement, input, output, tasks);
    }

    @Override
    public void beginHandshake() throws SSLException {
        checkUse();
        if (output.isClosed() || input.isClosed()) {
            throw new SSLException("Cannot kickstart, the connection is broken or closed", closeReason);
        }
        if (negotiated && protocol() == ToyProtocol.TLS_1_3) {
            handshake.updateKeys(true);
        } else {
            handshake.begin();
        }
    }

    /** Says a KeyUpdate. Of TLS 1.3, after the handshake. */
    void updateKeys(boolean asksForTheirs) {
        handshake.updateKeys(asksForTheirs);
    }

    /** Says a record of data that has none. */
    void sayNothing() {
        output.addEmptyData();
    }

    private void checkUse() {
        if (!hasMode()) {
            throw new IllegalStateException("Client/Server mode has not yet been set.");
        }
        if (tasks.isBusy()) {
            throw new IllegalStateException("touched while a delegated task is not finished");
        }
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer into) throws SSLException {
        checkUse();
        tasks.throwFailure();
        if (output.isDone() || isOutOfTurn(HandshakeStatus.NEED_UNWRAP)) {
            return result(output.isDone() ? Status.CLOSED : Status.OK, 0, 0);
        }
        if (into.remaining() < ToyRecord.LARGEST) {
            return result(Status.BUFFER_OVERFLOW, 0, 0);
        }
        return output.isEmpty() ? wrapData(sources, offset, length, into) : wrapNext(into);
    }

    private SSLEngineResult wrapNext(ByteBuffer into) {
        int begin = into.position();
        HandshakeStatus status = statusAfter(output.putNext(into));
        Status how = output.isDone() ? Status.CLOSED : Status.OK;
        return new SSLEngineResult(how, status, 0, into.position() - begin);
    }

    private SSLEngineResult wrapData(ByteBuffer[] sources, int offset, int length, ByteBuffer into) {
        if (!negotiated) {
            return result(Status.CLOSED, 0, 0);
        }
        int begin = into.position();
        byte[] content = ToyRecord.take(sources, offset, length, agreement.largestContent());
        if (content.length > 0) {
            output.putData(content, agreement.padding(), into);
        }
        return result(Status.OK, content.length, into.position() - begin);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] into, int offset, int length) throws SSLException {
        checkUse();
        tasks.throwFailure();
        if (input.isClosed() || isOutOfTurn(HandshakeStatus.NEED_WRAP)) {
            return result(input.isClosed() ? Status.CLOSED : Status.OK, 0, 0);
        }
        return input.unwrap(source, into, offset, length);
    }

    /** Begins, if this is the first call. Returns whether something else is to be done first: a task, or the other call. */
    private boolean isOutOfTurn(HandshakeStatus other) {
        boolean isFirst = !negotiated && !input.isClosed() && !output.isClosed();
        if (isFirst) {
            handshake.begin();
        }
        HandshakeStatus status = getHandshakeStatus();
        return status == HandshakeStatus.NEED_TASK || (isFirst && status == other);
    }

    SSLEngineResult result(Status status, int consumed, int produced) {
        return new SSLEngineResult(status, getHandshakeStatus(), consumed, produced);
    }

    /** After a record of this type went, or came. */
    HandshakeStatus statusAfter(int type) {
        if (type == ToyRecord.HANDSHAKE && output.isEmpty()) {
            if (handshake.isEnding()) {
                finish();
            }
            if (!handshake.isRunning()) {
                return HandshakeStatus.FINISHED;
            }
        }
        return getHandshakeStatus();
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        if (tasks.isBusy()) {
            return HandshakeStatus.NEED_TASK;
        }
        if (!output.isEmpty()) {
            return HandshakeStatus.NEED_WRAP;
        }
        if (!handshake.isRunning() || (output.isClosed() && input.isClosed())) {
            return HandshakeStatus.NOT_HANDSHAKING;
        }
        if (!tasks.isEmpty()) {
            return HandshakeStatus.NEED_TASK;
        }
        return input.isClosed() ? HandshakeStatus.NEED_WRAP : HandshakeStatus.NEED_UNWRAP;
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        return tasks.take(handshake);
    }

    @Override
    public void closeInbound() throws SSLException {
        checkUse();
        boolean isEarly = !input.isClosed() && (negotiated || handshake.isRunning());
        input.close();
        if (isEarly) {
            throw new SSLException("closing inbound before receiving peer's close_notify");
        }
    }

    @Override
    public boolean isInboundDone() {
        return input.isClosed();
    }

    @Override
    public void closeOutbound() {
        checkUse();
        close(!negotiated && !input.isCanceled());
    }

    /** Tells the other end, if it has heard of us. */
    void close(boolean cancels) {
        if (handshake.isRunning() && cancels) {
            output.add(ToyRecord.ALERT, ToyAlert.USER_CANCELED.content());
        }
        if (handshake.isRunning() || negotiated) {
            output.add(ToyRecord.ALERT, ToyAlert.CLOSE_NOTIFY.content());
        }
        output.close();
    }

    @Override
    public boolean isOutboundDone() {
        return output.isDone();
    }

    /** When both have said all that belongs to it. */
    void finish() {
        handshake.stop();
        negotiated = true;
    }

    boolean isNegotiated() {
        return negotiated;
    }

    ToyHandshake handshake() {
        return handshake;
    }

    @Nullable
    ToyProtocol protocol() {
        return agreement.protocol();
    }

    /** Ends it all, tells the other end why, and returns what to throw. */
    SSLException fatal(ToyAlert alert, String message) {
        output.add(ToyRecord.ALERT, alert.content());
        return end(alert, message);
    }

    /** The same, when it is what the other end has told us. */
    SSLException end(ToyAlert alert, String message) {
        input.close();
        output.close();
        handshake.stop();
        agreement.session(true).invalidate();
        closeReason = alert.exception(message);
        return closeReason;
    }

    @Override
    public SSLSession getSession() {
        return agreement.session(negotiated);
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return handshake.isRunning() && protocol() != null ? agreement.session(true) : null;
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return negotiated ? agreement.applicationProtocol() : null;
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return handshake.isRunning() ? agreement.applicationProtocol() : null;
    }
}
