package io.sparkformer.jobs.tensorboard;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Event files as TensorFlow's own classes read them: its reader of records, which verifies both checksums of each, and its
 * {@code Event}. They come from the jars that the build copies to {@code target/tensorflow}, in a class loader of their own: ND4J
 * brings classes of the same names.
 */
public final class TensorFlowEvents {
  private static final String FILE_VERSION = "brain.Event:2";
  private static final ClassLoader TENSORFLOW = loader();

  /**
   * One value of an event.
   *
   * @param number of a point, or how many values a histogram has counted; 0 of text
   * @param text of a text summary; empty of others
   * @param plugin that shows it; empty where TensorBoard knows by the kind of value
   */
  public record Value(long step, String tag, double number, String text, String plugin) {}

  private TensorFlowEvents() {}

  /**
   * The values that a reader has after all files of a folder, by tag, in the order of the files: what a start of the run says to be void
   * is gone.
   */
  public static Map<String, List<Value>> read(Path folder) {
    Map<String, List<Value>> values = new TreeMap<>();
    for (Path file : files(folder)) {
      List<Object> events = events(file);
      if (events.isEmpty() || !FILE_VERSION.equals(call(events.get(0), "getFileVersion"))) {
        throw new AssertionError(file + " does not begin with its version");
      }
      for (Object event : events) {
        long step = (Long) call(event, "getStep");
        if (call(call(event, "getSessionLog"), "getStatus").toString().equals("START")) {
          values.values().forEach(earlier -> earlier.removeIf(value -> value.step() >= step));
        }
        for (Object value : (List<?>) call(call(event, "getSummary"), "getValueList")) {
          Value read = value(step, value);
          values.computeIfAbsent(read.tag(), tag -> new ArrayList<>()).add(read);
        }
      }
    }
    return values;
  }

  /** The event files of a folder, in the order in which they are read. */
  public static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().contains("tfevents")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Value value(long step, Object value) {
    String tag = (String) call(value, "getTag");
    String plugin = (String) call(call(call(value, "getMetadata"), "getPluginData"), "getPluginName");
    return switch (call(value, "getValueCase").toString()) {
      case "SIMPLE_VALUE" -> new Value(step, tag, (Float) call(value, "getSimpleValue"), "", plugin);
      case "HISTO" -> new Value(step, tag, (Double) call(call(value, "getHisto"), "getNum"), "", plugin);
      case "TENSOR" -> new Value(step, tag, 0,
          (String) call(((List<?>) call(call(value, "getTensor"), "getStringValList")).get(0), "toStringUtf8"), plugin);
      default -> throw new AssertionError("Unexpected value " + value);
    };
  }

  /** Every record of a file; fails where a checksum does not fit. */
  static List<Object> events(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      Object reader = TENSORFLOW.loadClass("org.tensorflow.hadoop.util.TFRecordReader").getConstructor(InputStream.class, boolean.class)
          .newInstance(in, true);
      Class<?> type = TENSORFLOW.loadClass("org.tensorflow.util.Event");
      List<Object> events = new ArrayList<>();
      for (byte[] record = (byte[]) call(reader, "read"); record != null; record = (byte[]) call(reader, "read")) {
        events.add(type.getMethod("parseFrom", byte[].class).invoke(null, (Object) record));
      }
      return events;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("TensorFlow's classes do not read " + file, e);
    }
  }

  private static Object call(Object target, String method) {
    try {
      return target.getClass().getMethod(method).invoke(target);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(method + " of " + target.getClass() + " fails", e);
    }
  }

  private static ClassLoader loader() {
    File[] jars = new File("target/tensorflow").listFiles();
    if (jars == null) {
      throw new AssertionError("target/tensorflow is missing; the build copies TensorFlow's jars there (process-test-resources)");
    }
    return new URLClassLoader(Stream.of(jars).map(TensorFlowEvents::url).toArray(URL[]::new), ClassLoader.getPlatformClassLoader()) {
      @Override
      protected Class<?> findClass(String name) throws ClassNotFoundException {
        return name.startsWith("org.apache.hadoop.") ? TensorFlowEvents.class.getClassLoader().loadClass(name) : super.findClass(name);
      }
    };
  }

  private static URL url(File jar) {
    try {
      return jar.toURI().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
