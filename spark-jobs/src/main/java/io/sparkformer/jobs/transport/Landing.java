package io.sparkformer.jobs.transport;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;

/** The memory that a body is written to as it arrives, part after part. A part is full when the next one is requested. */
interface Landing extends Iterator<ByteBuffer> {

  /** All parts are full. */
  void finish();

  /** Memory that keeps the bytes as they are. */
  static Landing in(List<ByteBuffer> parts) {
    Iterator<ByteBuffer> rest = parts.iterator();
    return new Landing() {
      @Override
      public boolean hasNext() {
        return rest.hasNext();
      }

      @Override
      public ByteBuffer next() {
        return rest.next();
      }

      @Override
      public void finish() {
        // Nothing to do: the bytes are in place.
      }
    };
  }
}
