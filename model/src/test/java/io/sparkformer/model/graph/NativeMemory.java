package io.sparkformer.model.graph;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Native memory of this process, of all that allocates it by our order: JavaCPP's arrays, the workspaces of the calling thread, and the
 * flat arrays of a model.
 */
final class NativeMemory {
  private static final int COLLECTIONS = 6;

  private final long before;

  /** Counts from now on; what earlier tests left is collected first. */
  NativeMemory() {
    before = arrays();
  }

  /** Bytes taken since. */
  long taken(TransformerModel model) {
    long workspaces = 0;
    for (MemoryWorkspace workspace : Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread()) {
      workspaces += workspace.getCurrentSize();
    }
    return arrays() - before + workspaces + Float.BYTES * (model.parameters().length() + model.gradients().length());
  }

  private static long arrays() {
    collect();
    return Pointer.totalBytes();
  }

  /** Bytes of the heap in use after a collection. */
  static long heap() {
    collect();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /**
   * Memory is given back when the collector has found it unused, and by JavaCPP's thread: until a reference made now has come that way, and
   * nothing more comes.
   */
  private static void collect() {
    ReferenceQueue<Object> found = new ReferenceQueue<>();
    PhantomReference<Object> last = new PhantomReference<>(new Object(), found);
    while (found.poll() == null) {
      System.gc();
      Thread.onSpinWait();
    }
    last.clear();
    long before = Long.MAX_VALUE;
    for (int unchanged = 0; unchanged < COLLECTIONS;) {
      System.gc();
      Pointer.deallocateReferences();
      long now = Pointer.totalBytes();
      unchanged = now < before ? 0 : unchanged + 1;
      before = now;
    }
  }
}
