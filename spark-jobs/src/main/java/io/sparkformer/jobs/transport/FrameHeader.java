package io.sparkformer.jobs.transport;

import io.sparkformer.model.memory.FlatRange;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The header of every body between two workers; package-info has the layout.
 *
 * @param run the run's id
 * @param attempt of the run
 * @param from rank of the sender
 * @param to rank of the receiver
 * @param step that the body belongs to
 * @param range of the flat array, or an empty one
 * @param bodyBytes length of the body
 */
record FrameHeader(Kind kind, UUID run, int attempt, int from, int to, long step, FlatRange range, int bodyBytes) {
  static final int LENGTH = 68;
  /** Longest body with elements of a flat array. */
  static final int MAX_CHUNK_BYTES = 16 << 20;
  /** Longest message of an exchange, and longest text of a failure. */
  static final int MAX_MESSAGE_BYTES = 1 << 20;
  static final FlatRange NOTHING = new FlatRange(0, 0);

  private static final int MAGIC = 0x53504b46;
  private static final short VERSION = 1;
  private static final Kind[] KINDS = Kind.values();

  /** What a frame is. */
  enum Kind {
    /** Elements of a gradient, for the owner of the range. */
    GRADIENT,
    /** Updated parameters, from the owner of the range. */
    PARAMETERS,
    /** A message of an exchange. */
    MESSAGE,
    /** The sender has bound its memory; the range is the sender's slice. */
    READY,
    /** The sender has failed; the body says why. */
    ABORT,
    /** The sender has sent everything and closes. */
    LEAVE;

    boolean isChunk() {
      return this == GRADIENT || this == PARAMETERS;
    }
  }

  ByteBuffer encode() {
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
    buffer.putInt(MAGIC).putShort(VERSION).putShort((short) kind.ordinal());
    buffer.putLong(run.getMostSignificantBits()).putLong(run.getLeastSignificantBits());
    buffer.putInt(attempt).putInt(from).putInt(to).putLong(step).putLong(range.from()).putLong(range.to()).putInt(bodyBytes);
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, LENGTH - Integer.BYTES);
    return buffer.putInt((int) crc.getValue()).flip();
  }

  /**
   * Reads a header and checks everything that does not depend on the run.
   *
   * @throws MalformedFrameException when it is none
   */
  static FrameHeader decode(ByteBuffer bytes) {
    if (bytes.remaining() != LENGTH) {
      throw new MalformedFrameException("a header of " + bytes.remaining() + " bytes");
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(bytes.position(), LENGTH - Integer.BYTES));
    if (bytes.getInt() != MAGIC || bytes.getShort() != VERSION) {
      throw new MalformedFrameException("not a frame of this version");
    }
    if (bytes.getInt(bytes.position() - 6 + LENGTH - Integer.BYTES) != (int) crc.getValue()) {
      throw new MalformedFrameException("a header with a wrong checksum");
    }
    int kind = bytes.getShort();
    UUID run = new UUID(bytes.getLong(), bytes.getLong());
    int attempt = bytes.getInt();
    int from = bytes.getInt();
    int to = bytes.getInt();
    long step = bytes.getLong();
    long first = bytes.getLong();
    long end = bytes.getLong();
    int body = bytes.getInt();
    if (kind < 0 || kind >= KINDS.length || first < 0 || end < first || step < 0) {
      throw new MalformedFrameException("a header with an impossible kind, range or step");
    }
    FrameHeader header = new FrameHeader(KINDS[kind], run, attempt, from, to, step, new FlatRange(first, end), body);
    header.requireLength();
    return header;
  }

  private void requireLength() {
    boolean fits = switch (kind) {
      case GRADIENT, PARAMETERS -> !range.isEmpty() && bodyBytes > 0 && bodyBytes <= MAX_CHUNK_BYTES;
      case MESSAGE, ABORT -> bodyBytes >= 0 && bodyBytes <= MAX_MESSAGE_BYTES && range.isEmpty();
      case READY, LEAVE -> bodyBytes == 0;
    };
    if (!fits) {
      throw new MalformedFrameException(kind + " of " + bodyBytes + " bytes for elements " + range);
    }
  }

  /** @throws MalformedFrameException when the frame is not from another worker of this attempt, to this worker, in its precision */
  void requireFor(UUID run, Membership receiver) {
    if (!this.run.equals(run) || attempt != receiver.attempt()) {
      throw new MalformedFrameException("a frame of another run or attempt");
    }
    if (to != receiver.rank() || from == to || from < 0 || from >= receiver.workers()) {
      throw new MalformedFrameException("a frame from rank " + from + " to rank " + to);
    }
    int bytes = receiver.precision().bytes();
    if (kind.isChunk() && (range.length() != bodyBytes / bytes || bodyBytes % bytes != 0)) {
      throw new MalformedFrameException(kind + " of " + bodyBytes + " bytes for elements " + range + ", each a " + receiver.precision());
    }
  }
}
