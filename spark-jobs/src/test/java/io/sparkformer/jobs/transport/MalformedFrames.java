package io.sparkformer.jobs.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Frames that no worker sends: random ones, and real ones that something happened to. */
final class MalformedFrames {
  private static final int PREFIX = 97;
  private static final int HEADER_AT = 21;

  private final SplittableRandom random;
  private final List<byte[]> real;

  /** @param real frames that workers of a run have sent */
  MalformedFrames(long seed, List<byte[]> real) {
    this.random = new SplittableRandom(seed);
    this.real = real;
  }

  /** Cuts what one connection carried into its frames. */
  static List<byte[]> cut(byte[] sent) {
    List<byte[]> frames = new ArrayList<>();
    int at = 0;
    while (at + PREFIX <= sent.length) {
      long body = ByteBuffer.wrap(sent).getLong(at + PREFIX - Long.BYTES);
      int end = (int) Math.min(sent.length, at + PREFIX + body);
      frames.add(Arrays.copyOfRange(sent, at, end));
      at = end;
    }
    return frames;
  }

  byte[] next() {
    byte[] frame = real.get(random.nextInt(real.size())).clone();
    ByteBuffer bytes = ByteBuffer.wrap(frame);
    switch (random.nextInt(11)) {
      case 0 -> frame = randomBytes(1 + random.nextInt(300));
      case 1 -> bytes.putLong(0, random.nextLong());
      case 2 -> bytes.putLong(0, new long[] {0, -1, 8, 9, 96, 98, Integer.MAX_VALUE, Long.MAX_VALUE}[random.nextInt(8)]);
      case 3 -> bytes.put(8, (byte) random.nextInt(256));
      case 4 -> bytes.putInt(17, random.nextInt());
      case 5 -> bytes.putLong(PREFIX - Long.BYTES, random.nextBoolean() ? random.nextLong() : random.nextInt(1 << 30));
      case 6 -> flip(frame, HEADER_AT, PREFIX);
      case 7 -> flip(frame, 0, frame.length);
      case 8 -> frame = small((byte) 3, randomBytes(random.nextInt(2000)));
      case 9 -> frame = Arrays.copyOf(frame, random.nextInt(Math.min(frame.length, 2 * PREFIX)));
      default -> frame = otherAttempt(frame);
    }
    return frame;
  }

  /** A frame of another attempt, or as from or to another rank, whose checksum is right. */
  private byte[] otherAttempt(byte[] frame) {
    FrameHeader was = FrameHeader.decode(ByteBuffer.wrap(frame, HEADER_AT, FrameHeader.LENGTH).slice());
    int which = random.nextInt(4);
    FrameHeader is = new FrameHeader(was.kind(), was.run(), was.attempt() - (which == 0 ? 1 : 0),
        which == 1 ? random.nextInt() : was.from(), which == 2 ? random.nextInt() : was.to(), which == 3 ? was.step() + 1 : was.step(),
        was.range(), was.bodyBytes());
    ByteBuffer.wrap(frame).put(HEADER_AT, is.encode().array());
    return frame;
  }

  private void flip(byte[] frame, int from, int to) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      frame[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  private byte[] small(byte type, byte[] body) {
    return ByteBuffer.allocate(21 + body.length).putLong(21 + body.length).put(type).putLong(random.nextLong()).putInt(body.length)
        .put(body).array();
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  /** Sends each frame to a worker over a connection of its own, and reads until the worker closes it; returns what it answered. */
  static byte[] send(int port, byte[] frame) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoLinger(true, 0);
      socket.getOutputStream().write(frame);
      // A frame that only ends too early is over when its sender says so.
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      for (int each = in.read(); each >= 0; each = in.read()) {
        answer.write(each);
      }
    } catch (SocketException closedAlready) {
      return answer.toByteArray();
    }
    return answer.toByteArray();
  }
}
