package io.sparkformer.jobs.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A wire that can be listened to and held up: passes every connection on, and keeps what the one who opened it sends. */
final class CapturingProxy implements AutoCloseable {
  private static final int MOST_BYTES = 16 << 20;

  private final ServerSocket server;
  private final int target;
  private final List<ByteArrayOutputStream> captures = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private volatile long heldUntil = System.nanoTime();

  CapturingProxy(int target) {
    this.target = target;
    try {
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("proxy", this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** From now on what is sent arrives only after this time; answers are not held. */
  void hold(Duration time) {
    heldUntil = System.nanoTime() + time.toNanos();
  }

  /** What was sent, connection by connection. */
  List<byte[]> captured() {
    synchronized (captures) {
      return captures.stream().map(ByteArrayOutputStream::toByteArray).toList();
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = server.accept();
      Socket worker = new Socket(InetAddress.getLoopbackAddress(), target);
      ByteArrayOutputStream capture = new ByteArrayOutputStream();
      synchronized (captures) {
        captures.add(capture);
        sockets.add(client);
        sockets.add(worker);
      }
      start("proxy-out", () -> pass(client, worker, capture, true));
      start("proxy-in", () -> pass(worker, client, new ByteArrayOutputStream(), false));
    }
  }

  private void pass(Socket from, Socket to, ByteArrayOutputStream capture, boolean held) throws IOException {
    byte[] buffer = new byte[64 << 10];
    try (InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        synchronized (captures) {
          capture.write(buffer, 0, Math.min(count, MOST_BYTES - capture.size()));
        }
        while (held && heldUntil - System.nanoTime() > 0) {
          LockSupport.parkNanos(heldUntil - System.nanoTime());
        }
        out.write(buffer, 0, count);
      }
    }
  }

  private interface Passing {
    void run() throws IOException;
  }

  private static void start(String name, Passing passing) {
    Thread thread = new Thread(() -> {
      try {
        passing.run();
      } catch (IOException closed) {
        Thread.currentThread().interrupt();
      }
    }, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    synchronized (captures) {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
