package io.sparkformer.model.kernel.cuda;

import io.sparkformer.model.kernel.Loss;
import io.sparkformer.model.kernel.LossTerms;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.TopTokens;
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Works in slabs of the rows that have a label: scores, loss, and in the scores' place their gradient. */
final class CudaOutput implements OutputKernel {
  /** The sums of a block's warps are doubles. */
  private static final int SHARED_FLOATS = 8;

  private final CudaEngine engine;
  private final CudaLinear table;
  private final float scale;
  private final LossTerms terms;

  CudaOutput(CudaEngine engine, CudaLinear table, double scale, LossTerms terms) {
    this.engine = engine;
    this.table = table;
    this.scale = (float) scale;
    this.terms = terms;
  }

  @Override
  public INDArray logits(INDArray x, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.size(0), table.outputs());
      table.forward(scaled(call, x), result.matrix());
      return result.array();
    }
  }

  private DeviceMatrix scaled(Call call, INDArray x) {
    DeviceArray scaled = call.scratch(x.shape());
    engine.forEach(engine.kernel("elementwise", "scale"), x.length(), scaled.address(), call.scratchOf(x), scale, x.length());
    return call.factor(Call.matrix(scaled));
  }

  @Override
  public NextTokens nextTokens(INDArray x, int k, int endToken) {
    int rows = (int) x.size(0);
    int classes = table.outputs();
    float[] scores;
    try (Call call = Call.of(engine)) {
      DeviceArray device = call.scratch(rows, classes);
      table.forward(scaled(call, x), Call.matrix(device));
      scores = download(device.address(), rows * classes);
    }
    TopTokens top = new TopTokens(rows, k, endToken);
    for (int row = 0; row < rows; row++) {
      top.row(row, scores, row * classes, classes, logNormalizer(scores, row * classes, classes));
    }
    return top.nextTokens();
  }

  private static double logNormalizer(float[] scores, int from, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = Math.max(max, scores[i]);
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(scores[i] - max);
    }
    return max + Math.log(sum);
  }

  private float[] download(long address, int count) {
    float[] values = new float[count];
    if (count > 0) {
      try (FloatPointer host = new FloatPointer(count)) {
        engine.queue().download(address, host, (long) Float.BYTES * count);
        host.get(values);
      }
    }
    return values;
  }

  @Override
  public Loss loss(INDArray x, INDArray labels) {
    try (Call call = Call.of(engine)) {
      return slabs(call, call.scratchOf(x), checked(labels, x.size(0)), 0, null).get();
    }
  }

  @Override
  public Result lossAndGradient(INDArray x, INDArray labels, double weight, Space space) {
    int[] label = checked(labels, x.size(0));
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.shape());
      engine.queue().fill(result.address(), (byte) 0, result.device().bytes());
      return new Result(slabs(call, call.scratchOf(x), label, (float) weight, result.device()), result.array());
    }
  }

  /** The labels of all rows. */
  private int[] checked(INDArray labels, long rows) {
    int[] label = labels.toIntVector();
    if (label.length != rows) {
      throw new IllegalArgumentException("There must be one label for each row: rows=%d, labels=%d".formatted(rows, label.length));
    }
    for (int i = 0; i < label.length; i++) {
      if (label[i] >= table.outputs()) {
        throw new IllegalArgumentException("Label %d at row %d is outside the %d classes".formatted(label[i], i, table.outputs()));
      }
    }
    return label;
  }

  /** One slab after another; with {@code inputGradient} null, the loss alone. */
  private DeviceLoss slabs(Call call, long x, int[] label, float weight, DeviceArray inputGradient) {
    int[] labelled = IntStream.range(0, label.length).filter(row -> label[row] >= 0).toArray();
    int slabRows = (int) Math.max(1, engine.settings().slabFloats() / table.outputs());
    DeviceLoss loss = new DeviceLoss(engine, labelled.length);
    for (int from = 0; from < labelled.length; from += slabRows) {
      int[] rows = Arrays.copyOfRange(labelled, from, Math.min(labelled.length, from + slabRows));
      try (Call slab = Call.of(engine)) {
        slab(slab, x, rows, Arrays.stream(rows).map(row -> label[row]).toArray(),
            loss.address(from), weight, inputGradient);
      }
    }
    return loss;
  }

  private void slab(Call call, long x, int[] rows, int[] labels, long losses, float weight, DeviceArray inputGradient) {
    int width = table.inputs();
    long places = call.upload(rows);
    DeviceArray in = call.scratch(rows.length, width);
    engine.forRows(engine.kernel("rows", "gather_rows"), rows.length, width, 0, x, places, in.address(), width, scale);
    DeviceMatrix read = call.factor(Call.matrix(in));
    DeviceArray scores = call.scratch(rows.length, table.outputs());
    table.forward(read, Call.matrix(scores));
    engine.forRows(engine.kernel("loss", "softmax_loss"), rows.length, table.outputs(), SHARED_FLOATS, scores.address(),
        call.upload(labels), losses, table.outputs(), (float) terms.labelSmoothing(), (float) terms.zLoss(), weight);
    if (inputGradient != null) {
      DeviceMatrix gradient = call.factor(Call.matrix(scores));
      table.addWeightGradient(gradient, read);
      table.addBiasGradient(call, Call.matrix(scores), 0);
      table.inputGradient(gradient, Call.matrix(in));
      engine.forRows(engine.kernel("rows", "put_rows"), rows.length, width, 0, in.address(), places, inputGradient.address(), width, scale);
    }
  }
}
