package io.sparkformer.model.kernel.cuda.driver;

import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Compiles CUDA C for a device by NVRTC, and keeps the machine code in files, so that a later process need not compile. A file's name is a
 * hash of all that the code depends on: source, options (among them the architecture) and NVRTC's version.
 */
public final class Compiler {
  private final Device device;
  private final Path cache;

  /** @param cache folder of compiled programs, which is made if it is missing */
  public Compiler(Device device, Path cache) {
    this.device = device;
    this.cache = cache;
  }

  /**
   * @param name for messages
   * @param definitions of the preprocessor
   * @throws CudaException with the compiler's messages when the source is wrong
   */
  public Program compile(String name, String source, Map<String, Integer> definitions) {
    List<String> options = new ArrayList<>(List.of("--gpu-architecture=" + device.architecture(), "--std=c++17"));
    new TreeMap<>(definitions).forEach((key, value) -> options.add("-D" + key + "=" + value));
    Path file = cache.resolve(hash(source, options) + ".cubin");
    try {
      if (Files.exists(file)) {
        return new Program(name, device, Files.readAllBytes(file));
      }
      byte[] code = code(name, source, options);
      Files.createDirectories(cache);
      // Several processes may do this at once: each moves a whole file to its place.
      Path part = Files.createTempFile(cache, file.getFileName().toString(), ".part");
      Files.write(part, code);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new Program(name, device, code);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot keep compiled kernels in " + cache, e);
    }
  }

  private static byte[] code(String name, String source, List<String> options) {
    _nvrtcProgram program = new _nvrtcProgram();
    try (BytePointer text = new BytePointer(source, StandardCharsets.UTF_8); BytePointer file = new BytePointer(name + ".cu");
        PointerPointer<BytePointer> arguments = new PointerPointer<>(options.toArray(String[]::new));
        SizeTPointer size = new SizeTPointer(1)) {
      Status.checkCompiler(nvrtcCreateProgram(program, text, file, 0, (PointerPointer<?>) null, (PointerPointer<?>) null),
          () -> "nvrtcCreateProgram of " + name);
      Status.checkCompiler(nvrtcCompileProgram(program, options.size(), arguments),
          () -> "Compiling %s with %s (%s)".formatted(name, options, log(program)));
      Status.checkCompiler(nvrtcGetCUBINSize(program, size), () -> "nvrtcGetCUBINSize of " + name);
      byte[] code = new byte[Math.toIntExact(size.get())];
      Status.checkCompiler(nvrtcGetCUBIN(program, code), () -> "nvrtcGetCUBIN of " + name);
      return code;
    } finally {
      nvrtcDestroyProgram(program);
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      Status.checkCompiler(nvrtcGetProgramLogSize(program, size), () -> "nvrtcGetProgramLogSize");
      byte[] log = new byte[Math.toIntExact(size.get())];
      Status.checkCompiler(nvrtcGetProgramLog(program, log), () -> "nvrtcGetProgramLog");
      return new String(log, StandardCharsets.UTF_8).replace("\0", "").strip();
    }
  }

  private static String hash(String source, List<String> options) {
    int[] major = new int[1];
    int[] minor = new int[1];
    Status.checkCompiler(nvrtcVersion(major, minor), () -> "nvrtcVersion");
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("nvrtc %d.%d %s%n".formatted(major[0], minor[0], options).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(source.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
