package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuModuleUnload;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;

/** Compiled CUDA C, loaded on a device: kernels by their names. */
public final class Program implements AutoCloseable {
  private final String name;
  private final Device device;
  /** The device's copy is made from it. */
  private final BytePointer code;
  private final CUmod_st module = new CUmod_st();
  private final Map<String, Kernel> kernels = new HashMap<>();

  Program(String name, Device device, byte[] code) {
    this.name = name;
    this.device = device;
    this.code = new BytePointer(code);
    device.makeCurrent();
    Status.check(cuModuleLoadData(module, this.code), () -> "Loading %s on %s".formatted(name, device));
  }

  public Kernel kernel(String kernel) {
    return kernels.computeIfAbsent(kernel, this::find);
  }

  private Kernel find(String kernel) {
    device.makeCurrent();
    CUfunc_st function = new CUfunc_st();
    Status.check(cuModuleGetFunction(function, module, kernel), () -> "Looking up kernel %s in %s".formatted(kernel, name));
    return new Kernel(kernel, device, function);
  }

  @Override
  public void close() {
    device.makeCurrent();
    Status.check(cuModuleUnload(module), () -> "Unloading %s from %s".formatted(name, device));
  }
}
