package io.sparkformer.jobs.transport;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;

/** Where a body goes as it arrives: memory of its length, part after part. A part is full when the next one is asked for. */
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
        // They are in their place.
      }
    };
  }
}
