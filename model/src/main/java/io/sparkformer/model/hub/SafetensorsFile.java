package io.sparkformer.model.hub;

import io.sparkformer.model.memory.FloatRegion;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** An open safetensors file; its header is checked against the file's size when it is opened. Not safe for use by several threads. */
public final class SafetensorsFile implements Closeable {
  private final Path path;
  private final FSDataInputStream in;
  private final SafetensorsHeader header;
  private final long dataStart;

  private SafetensorsFile(Path path, FSDataInputStream in, SafetensorsHeader header, long dataStart) {
    this.path = path;
    this.in = in;
    this.header = header;
    this.dataStart = dataStart;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws DamagedFileException when it is not a whole safetensors file of F32, F16 or BF16 tensors
   */
  public static SafetensorsFile open(FileSystem fileSystem, Path path) throws IOException {
    long size = fileSystem.getFileStatus(path).getLen();
    if (size < Long.BYTES) {
      throw new DamagedFileException(path + ": not a safetensors file: " + size + " bytes, the header's length alone takes 8");
    }
    FSDataInputStream in = fileSystem.open(path);
    try {
      long headerBytes = Long.reverseBytes(in.readLong());
      if (headerBytes < 0 || headerBytes > Math.min(SafetensorsHeader.MAX_HEADER_BYTES, size - Long.BYTES)) {
        throw new DamagedFileException(path + ": not a safetensors file, or cut off: a header of "
            + Long.toUnsignedString(headerBytes) + " bytes in a file of " + size);
      }
      byte[] json = new byte[(int) headerBytes];
      in.readFully(json);
      long dataStart = Long.BYTES + headerBytes;
      return new SafetensorsFile(path, in, HeaderReader.read(json, size - dataStart, path.toString()), dataStart);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** The strings of the header's metadata. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The names of the tensors, in the order of the header. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /**
   * The shape of a tensor, outermost dimension first.
   *
   * @throws DamagedFileException when there is none of that name
   */
  public List<Long> shape(String name) {
    return entry(name).shape();
  }

  /** All values of a tensor, row-major. */
  public float[] values(String name) throws IOException {
    FloatRegion values = FloatRegion.allocate(NamedTensor.elements(shape(name)));
    read(name, 0, values);
    return values.toArray();
  }

  /**
   * Reads a part of a tensor: {@code into.length()} elements, counted row-major from {@code from} on.
   *
   * @throws DamagedFileException when there is no tensor of that name, or the file ends early
   */
  public void read(String name, long from, FloatRegion into) throws IOException {
    read(name, from, into.length(), into::write);
  }

  /** Reads a whole tensor, which must have as many elements as {@code into}. */
  public void read(TensorContent into) throws IOException {
    read(into.name(), into.name(), into);
  }

  /** As {@link #read(TensorContent)}, of a tensor that has another name in this file. */
  void read(String name, String wanted, TensorContent into) throws IOException {
    if (entry(name).elements() != into.length()) {
      throw new IllegalArgumentException("%s: tensor %s has %d elements, %s needs %d"
          .formatted(path, name, entry(name).elements(), wanted, into.length()));
    }
    read(name, 0, into.length(), into::write);
  }

  /** Takes the elements from a place on from the beginning of an array. */
  private interface Sink {
    void write(long from, float[] values, int count);
  }

  private void read(String name, long from, long length, Sink into) throws IOException {
    SafetensorsHeader.Entry entry = entry(name);
    if (from < 0 || length > entry.elements() - from) {
      throw new IllegalArgumentException(path + ": tensor " + name + " has " + entry.elements() + " elements, cannot read "
          + length + " from " + from + " on");
    }
    TensorType type = entry.type();
    in.seek(dataStart + entry.begin() + from * type.bytes());
    int chunkLength = (int) Math.min(SafetensorsWriter.CHUNK_LENGTH, Math.max(1, length));
    float[] chunk = new float[chunkLength];
    ByteBuffer bytes = ByteBuffer.allocate(chunkLength * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < length; done += chunkLength) {
      int count = (int) Math.min(chunkLength, length - done);
      try {
        in.readFully(bytes.array(), 0, count * type.bytes());
      } catch (EOFException e) {
        throw new DamagedFileException(path + ": ends within tensor " + name, e);
      }
      type.decode(bytes, chunk, count);
      into.write(done, chunk, count);
    }
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw new DamagedFileException(path + ": no tensor named " + name + " among its " + header.tensors().size());
    }
    return entry;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
