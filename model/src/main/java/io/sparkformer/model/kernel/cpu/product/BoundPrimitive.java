package io.sparkformer.model.kernel.cpu.product;

import io.sparkformer.model.kernel.cpu.memory.Address;
import io.sparkformer.model.kernel.cpu.memory.ThreadScratch;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

/** One of oneDNN's primitives with the memory objects that it runs on, whose addresses change from run to run. */
final class BoundPrimitive implements AutoCloseable {
  static final engine CPU = new engine(engine.kind.cpu, 0);

  private final primitive primitive;
  private final memory[] memories;
  private final memory scratchpad;
  private final long scratchpadFloats;
  private final IntMemoryMap arguments = new IntMemoryMap();

  private BoundPrimitive(primitive_desc_base description, int[] names, memory.desc... shapes) {
    primitive = new primitive(description.get());
    memories = new memory[names.length];
    for (int i = 0; i < names.length; i++) {
      memories[i] = new memory(shapes[i], CPU, null);
      arguments.put(names[i], memories[i]);
      shapes[i].close();
    }
    try (memory.desc shape = description.scratchpad_desc()) {
      scratchpad = new memory(shape, CPU, null);
      scratchpadFloats = (shape.get_size() + Float.BYTES - 1) / Float.BYTES;
    }
    arguments.put(dnnl.DNNL_ARG_SCRATCHPAD, scratchpad);
  }

  /** Runs on source, weights and result. */
  static BoundPrimitive product(matmul.primitive_desc description) {
    return new BoundPrimitive(description, new int[] {dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_WEIGHTS, dnnl.DNNL_ARG_DST},
        description.src_desc(), description.weights_desc(), description.dst_desc());
  }

  /** Runs on source and result. */
  static BoundPrimitive reordering(reorder.primitive_desc description) {
    return new BoundPrimitive(description, new int[] {dnnl.DNNL_ARG_FROM, dnnl.DNNL_ARG_TO}, description.src_desc(),
        description.dst_desc());
  }

  /**
   * Runs and waits.
   *
   * @param address a pointer to pass addresses with
   * @param places addresses of the memories
   */
  void run(stream stream, Address address, long... places) {
    for (int i = 0; i < places.length; i++) {
      memories[i].set_data_handle(address.at(places[i]));
    }
    if (scratchpadFloats > 0) {
      scratchpad.set_data_handle(address.at(ThreadScratch.get().library.floats(scratchpadFloats).address()));
    }
    primitive.execute(stream, arguments);
  }

  @Override
  public void close() {
    arguments.close();
    for (memory memory : memories) {
      memory.close();
    }
    scratchpad.close();
    primitive.close();
  }
}
