package io.sparkformer.jobs.tensorboard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.Summary;
import org.tensorflow.framework.SummaryMetadata;
import org.tensorflow.framework.TensorProto;
import org.tensorflow.framework.TensorShapeProto;

/** One entry of an event file: values of one step, or what a file or a start of a run begins with. */
public final class EventRecord {
  private static final String FILE_VERSION = "brain.Event:2";
  private static final int CHECKSUM_MASK = 0xa282ead8;
  // Fields of tensorflow.Event and of tensorflow.SessionLog, and the latter's status START.
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int STATUS = 1;
  private static final int START = 1;

  private final long step;
  private final Summary.Builder values = Summary.newBuilder();

  /** An entry without values. */
  public EventRecord(long step) {
    this.step = step;
  }

  /** Adds a point of a curve; a value that is not finite was not measured, and is left out. */
  public EventRecord scalar(String tag, double value) {
    if (Double.isFinite(value)) {
      values.addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
    }
    return this;
  }

  /** Adds a histogram. */
  public EventRecord histogram(String tag, TensorHistogram histogram) {
    values.addValue(Summary.Value.newBuilder().setTag(tag).setHisto(histogram.toProto()));
    return this;
  }

  /** Adds text, which is shown as Markdown. */
  public EventRecord text(String tag, String markdown) {
    TensorProto text = TensorProto.newBuilder().setDtype(DataType.DT_STRING)
        .setTensorShape(TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(1)))
        .addStringVal(ByteString.copyFromUtf8(markdown)).build();
    SummaryMetadata shownAs = SummaryMetadata.newBuilder()
        .setPluginData(SummaryMetadata.PluginData.newBuilder().setPluginName("text")).build();
    values.addValue(Summary.Value.newBuilder().setTag(tag + "/text_summary").setMetadata(shownAs).setTensor(text));
    return this;
  }

  boolean isEmpty() {
    return values.getValueCount() == 0;
  }

  byte[] toBytes(long epochMillis) {
    return record(epochMillis, step, out -> out.writeMessage(SUMMARY, values.build()));
  }

  /** What each file begins with. */
  static byte[] fileVersion(long epochMillis) {
    return record(epochMillis, 0, out -> out.writeString(VERSION, FILE_VERSION));
  }

  /** What a start of a run begins with: earlier values of this step and of all later ones are void. */
  static byte[] start(long epochMillis, long firstStep) {
    // The tag of field STATUS and its value take one byte each.
    byte[] log = {STATUS << 3, START};
    return record(epochMillis, firstStep, out -> out.writeByteArray(SESSION_LOG, log));
  }

  @FunctionalInterface
  private interface Body {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] record(long epochMillis, long step, Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeDouble(WALL_TIME, epochMillis / 1e3);
      out.writeInt64(STEP, step);
      body.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot encode an event in memory", e);
    }
    return framed(bytes.toByteArray());
  }

  private static byte[] framed(byte[] content) {
    ByteBuffer record = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + content.length + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(content.length);
    record.putInt(maskedChecksum(record.array(), Long.BYTES));
    record.put(content);
    record.putInt(maskedChecksum(content, content.length));
    return record.array();
  }

  private static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + CHECKSUM_MASK;
  }
}
